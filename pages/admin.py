"""Releases and publications in the admin: to look at, not to change."""

from django.contrib import admin

from pages.models import Publication, Release


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ("version", "build_number", "commit", "files", "size", "is_pinned", "created_at")
    list_filter = ("is_pinned",)
    list_select_related = ("version__repository",)
    search_fields = ("version__repository__slug", "version__name", "commit")
    date_hierarchy = "created_at"
    actions = ("pin", "unpin")

    def has_pin_permission(self, request):
        return request.user.has_perm("pages.change_release")

    @admin.action(description="Pin", permissions=["pin"])
    def pin(self, request, queryset):
        pinned = sum(release.pin() for release in queryset.filter(is_pinned=False))
        self.message_user(request, f"Pinned {pinned}.")

    @admin.action(description="Unpin", permissions=["pin"])
    def unpin(self, request, queryset):
        for release in queryset:
            release.unpin()
        self.message_user(request, "Unpinned.")


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    list_display = ("version", "release", "published_at")
    list_select_related = ("version__repository", "release__version__repository")
    search_fields = ("version__repository__slug", "version__name")
