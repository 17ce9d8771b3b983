"""Builds and deliveries in the admin: to look at, to cancel and to ask for again."""

from typing import cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.html import format_html

from builds.forms import BuildLimitsForm
from builds.models import (
    UNFINISHED,
    Automation,
    Build,
    BuildLimits,
    Delivery,
    FeedKey,
    PullRequest,
    Trigger,
    Watch,
)
from repositories.models import Version

MOST = 100_000  # rows; counting more of them would cost each page a scan


class BoundedPaginator(Paginator):
    """Counts up to MOST rows, so that a page of a table of millions comes as quickly as one of hundreds."""

    @cached_property
    def count(self):
        rows = cast(QuerySet, self.object_list)
        return rows.order_by().values("pk")[:MOST].count()


class ReadOnlyAdmin(admin.ModelAdmin):
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator

    def has_add_permission(self, request):
        return False

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in self.model._meta.fields]


@admin.register(Build)
class BuildAdmin(ReadOnlyAdmin):
    list_display = [
        "__str__",
        "state",
        "version_name",
        "trigger",
        "short_commit",
        "requested_at",
        "duration",
        "warning_count",
        "new_warning_count",
        "peak_memory",
        "pages",
        "page",
    ]
    list_filter = ["state", "trigger", "is_clean"]
    list_select_related = ["repository", "version"]
    search_fields = ["repository__slug", "commit", "author"]
    actions = ["build_again", "cancel"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("repository__webhook_secret")

    @admin.display(description="version")
    def version_name(self, build):
        return build.version.title

    @admin.display(description="")
    def page(self, build):
        return format_html('<a href="{}">page and log</a>', build.get_absolute_url())

    @admin.action(description="Build again", permissions=["change"])
    def build_again(self, request, queryset):
        builds = queryset.select_related("version__repository")
        closed = Q(version__kind=Version.Kind.PULL_REQUEST, version__is_active=False)
        versions = {build.version for build in builds.exclude(closed)}
        for version in versions:
            Build.objects.request(version, trigger=Trigger.PERSON)
        self.message_user(request, f"Builds were asked for: {len(versions)}.")

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request, queryset):
        builds = list(queryset.filter(state__in=UNFINISHED))
        for build in builds:
            build.cancel()
        self.message_user(request, f"Builds that are being cancelled: {len(builds)}.")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["repository", "event", "outcome", "build", "received_at"]
    list_filter = ["event"]
    list_select_related = ["repository", "build__repository"]
    search_fields = ["repository__slug", "delivery_id"]


@admin.register(PullRequest)
class PullRequestAdmin(ReadOnlyAdmin):
    list_display = ["version", "title", "author", "is_from_fork", "is_open", "waits_for_approval", "is_merged"]
    list_filter = ["version__is_active", "is_from_fork", "is_merged"]
    list_select_related = ["version__repository"]
    search_fields = ["version__repository__slug", "title", "author"]

    @admin.display(boolean=True, ordering="version__is_active", description="open")
    def is_open(self, pull_request):
        return pull_request.version.is_active

    @admin.display(boolean=True, description="waits")
    def waits_for_approval(self, pull_request):
        return pull_request.waits_for_approval


@admin.register(FeedKey)
class FeedKeyAdmin(ReadOnlyAdmin):
    list_display = ["user", "renewals"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    actions = ["renew"]

    @admin.action(description="Renew the address", permissions=["change"])
    def renew(self, request, queryset):
        for key in queryset.select_related("user"):
            key.renew()
        self.message_user(request, "The old addresses show nothing any more.")


@admin.register(BuildLimits)
class BuildLimitsAdmin(admin.ModelAdmin):
    """Within what the operator allows, as in the repository's own settings."""

    form = BuildLimitsForm
    list_display = ["repository", "timeout", "memory"]
    list_select_related = ["repository"]
    search_fields = ["repository__slug"]
    autocomplete_fields = ["repository"]
    fields = ["repository", "timeout", "memory"]

    def get_readonly_fields(self, request, obj=None):
        return ["repository"] if obj else []

    def save_form(self, request, form, change):
        """Its row is written when this returns."""
        return form.save()

    def save_model(self, request, obj, form, change):
        """The form did."""

    def save_related(self, request, form, formsets, change):
        """There is nothing related."""


@admin.register(Automation)
class AutomationAdmin(ReadOnlyAdmin):
    list_display = ["repository", "schedule", "scheduled_for", "quiet_minutes", "failures_in_a_row", "paused_at"]
    list_filter = ["schedule", "quiet_minutes", ("paused_at", admin.EmptyFieldListFilter)]
    list_select_related = ["repository"]
    search_fields = ["repository__slug"]
    actions = ["resume"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("repository__webhook_secret", "repository__forge_token")

    @admin.action(description="Let pushes build again", permissions=["change"])
    def resume(self, request, queryset):
        for automation in queryset.select_related("repository"):
            Automation.objects.resume(automation.repository)
        self.message_user(request, "Failures are counted anew.")


@admin.register(Watch)
class WatchAdmin(ReadOnlyAdmin):
    list_display = ["repository", "problem", "failures", "next_look_at", "looked_at", "missed_at"]
    list_filter = [("problem", admin.EmptyFieldListFilter), ("missed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["repository"]
    search_fields = ["repository__slug", "problem"]
    actions = ["look_now"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("repository__webhook_secret", "repository__forge_token")

    def has_delete_permission(self, request, obj=None):
        """A repository without one would never be looked at again."""
        return False

    @admin.action(description="Look now", permissions=["change"])
    def look_now(self, request, queryset):
        if not settings.WATCH:
            self.message_user(request, "WATCH is off: no remote is looked at.", messages.WARNING)
            return
        due, chosen = queryset.make_due(), queryset.count()
        self.message_user(request, f"Due now: {due}.")
        if due < chosen:
            self.message_user(request, f"Left alone, as nothing builds them: {chosen - due}.", messages.WARNING)
