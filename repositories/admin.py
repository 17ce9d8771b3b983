"""Repositories and versions in the admin. Secrets are never shown."""

from django.contrib import admin, messages
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html

from repositories.admin_forms import AddRepositoryForm, AddVersionOfRepositoryForm, ChangeRepositoryForm
from repositories.models import EnvironmentVariable, Repository, Version
from repositories.retention import rules


class DeletesWhole(admin.ModelAdmin):
    """Deletes what it is told to with all that belongs to it, whatever of that may be deleted by itself here.

    That is not listed before: it may be a hundred thousand rows.
    """

    def get_deleted_objects(self, objs, request):
        names = [f"{one}, with its builds and published pages" for one in objs]
        return names, {self.opts.verbose_name_plural: len(names)}, set(), []


@admin.register(Repository)
class RepositoryAdmin(DeletesWhole):
    list_display = [
        "full_name",
        "build_status",
        "mail_service",
        "is_enabled",
        "is_private",
        "forge",
        "registrant",
        "registered_at",
    ]
    list_editable = ["mail_service"]
    list_filter = ["build_status", "mail_service", "is_enabled", "builds_pull_requests", "is_private", "forge"]
    list_select_related = ["registrant"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["slug", "clone_url", "registrant__username", "registrant__email"]
    autocomplete_fields = ["registrant"]
    actions = ["switch_mail_on", "switch_mail_off", "enable", "disable"]
    form = ChangeRepositoryForm
    fields_to_add = ["clone_url", "full_name", "registrant", "default_branch", "forge", "is_private"]
    fieldsets = [
        (None, {"fields": ["owner", "name", "registrant", "registered_at"]}),
        ("Source", {"fields": ["clone_url", "default_branch", "forge", "forge_id"]}),
        ("Versions", {"fields": ["tag_patterns", "branch_patterns", "versions"]}),
        (
            "Switches",
            {
                "fields": [
                    "mail_service",
                    "is_enabled",
                    "builds_pull_requests",
                    "has_version_switcher",
                    "is_private",
                ]
            },
        ),
        ("Forge token", {"fields": ["has_forge_token", "new_forge_token", "remove_forge_token"]}),
        ("State", {"fields": ["badge", "build_status", "status_changed_at", "last_build_number"]}),
    ]
    readonly_fields = [
        "owner",
        "name",
        "registered_at",
        "forge_id",
        "versions",
        "has_forge_token",
        "badge",
        "build_status",
        "status_changed_at",
        "last_build_number",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("webhook_secret", "forge_token")

    def get_urls(self):
        page = path("retention/", self.admin_site.admin_view(self.retention), name="retention")
        return [page, *super().get_urls()]

    def retention(self, request):
        """What is kept of everything, not of repositories only; it stands in the header of each page."""
        rows = [(rule.what, rule.kept(), rule.held()) for rule in rules()]
        context = {**self.admin_site.each_context(request), "title": "Retention", "rows": rows}
        return render(request, "repositories/retention.html", context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        return super().get_form(
            request, obj, change, **{"form": self.form if obj else AddRepositoryForm, **kwargs}
        )

    def get_fieldsets(self, request, obj=None):
        return super().get_fieldsets(request, obj) if obj else [(None, {"fields": self.fields_to_add})]

    def get_readonly_fields(self, request, obj=None):
        return super().get_readonly_fields(request, obj) if obj else []

    def save_form(self, request, form, change):
        """Adding registers; changing stores what was changed. Either has written its row when this returns."""
        if isinstance(form, AddRepositoryForm):
            return form.register()
        return super().save_form(request, form, change)

    def save_model(self, request, obj, form, change):
        if change and not isinstance(form, ChangeRepositoryForm):
            obj.save(update_fields=form.changed_data)  # a row of the list

    def delete_queryset(self, request, queryset):
        """Each in a transaction of its own, which locks rows in the order that builds do."""
        for repository in queryset:
            repository.delete()

    def save_related(self, request, form, formsets, change):
        """There is nothing related, and Django would ask the form that adds for it."""

    @admin.display(ordering="slug", description="repository")
    def full_name(self, repository):
        return repository.full_name

    @admin.display(description="versions")
    def versions(self, repository):
        address = f"{reverse('admin:repositories_version_changelist')}?repository__id__exact={repository.pk}"
        return format_html('<a href="{}">{}</a>', address, repository.versions.count())

    @admin.display(boolean=True, description="token is stored")
    def has_forge_token(self, repository):
        return bool(repository.forge_token)

    @admin.display(description="badge, as everybody sees it")
    def badge(self, repository):
        # Of this host: the policy for pictures allows no other.
        return format_html('<img src="{}.svg" alt="{}">', repository.get_absolute_url().rstrip("/"), repository)

    @admin.action(description="Switch mail on", permissions=["change"])
    def switch_mail_on(self, request, queryset):
        changed = queryset.filter(mail_service=False).update(mail_service=True)
        self.message_user(request, f"Mail was switched on for {changed}.")

    @admin.action(description="Switch mail off", permissions=["change"])
    def switch_mail_off(self, request, queryset):
        changed = queryset.filter(mail_service=True).update(mail_service=False)
        self.message_user(request, f"Mail was switched off for {changed}.")

    @admin.action(description="Enable builds", permissions=["change"])
    def enable(self, request, queryset):
        changed = queryset.filter(is_enabled=False).update(is_enabled=True)
        self.message_user(request, f"Builds were enabled for {changed}.")

    @admin.action(description="Disable builds", permissions=["change"])
    def disable(self, request, queryset):
        changed = queryset.filter(is_enabled=True).update(is_enabled=False)
        self.message_user(request, f"Builds were disabled for {changed}.")


@admin.register(Version)
class VersionAdmin(DeletesWhole):
    list_display = [
        "__str__",
        "kind",
        "is_default",
        "is_active",
        "is_hidden",
        "build_status",
        "status_build_number",
    ]
    list_filter = ["kind", "is_active", "is_hidden", "is_default", "build_status"]
    list_select_related = ["repository"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["repository__slug", "name", "slug"]
    autocomplete_fields = ["repository"]
    readonly_fields = [
        "repository",
        "name",
        "slug",
        "kind",
        "is_default",
        "retired_at",
        "build_status",
        "status_build_number",
        "status_changed_at",
    ]
    fields = [*readonly_fields, "is_active", "is_hidden"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        return super().get_form(
            request, obj, change, **(kwargs if obj else {"form": AddVersionOfRepositoryForm, **kwargs})
        )

    def get_fields(self, request, obj=None):
        return super().get_fields(request, obj) if obj else AddVersionOfRepositoryForm.Meta.fields

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        # The default version is built or not with its repository, and never hidden.
        return [
            *super().get_readonly_fields(request, obj),
            *(["is_active", "is_hidden"] if obj.is_default else []),
        ]

    def save_form(self, request, form, change):
        """Adding requests the first build; its row is written when this returns."""
        return super().save_form(request, form, change) if change else form.add()

    def save_model(self, request, obj, form, change):
        if not change:
            return
        if "is_active" in form.changed_data:
            obj.switch_on() if form.cleaned_data["is_active"] else obj.switch_off()
        if "is_hidden" in form.changed_data:
            obj.hide(form.cleaned_data["is_hidden"])

    def has_delete_permission(self, request, obj=None):
        """The default version goes with its repository only."""
        return super().has_delete_permission(request, obj) and not (obj and obj.is_default)

    def delete_model(self, request, obj):
        obj.remove()

    def delete_queryset(self, request, queryset):
        removed = [version.remove() for version in queryset]
        if not all(removed):
            self.message_user(request, "Default versions go with their repository only.", messages.WARNING)

    def save_related(self, request, form, formsets, change):
        """There is nothing related, and Django would ask the form that adds for it."""


@admin.register(EnvironmentVariable)
class EnvironmentVariableAdmin(admin.ModelAdmin):
    """Names, to look at and to remove; values are shown to nobody here."""

    list_display = ["name", "repository", "is_secret", "changed_at"]
    list_filter = ["is_secret"]
    list_select_related = ["repository"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["name", "repository__slug"]
    readonly_fields = ["repository", "name", "is_secret", "changed_at"]
    fields = [*readonly_fields]

    def get_queryset(self, request):
        hidden = ["value", "repository__webhook_secret", "repository__forge_token"]
        return super().get_queryset(request).defer(*hidden)

    def has_add_permission(self, request):
        return False
