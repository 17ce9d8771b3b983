"""Disabled addresses in the admin: what mail came back from, and how to try it again."""

from django.contrib import admin

from notifications.models import DisabledAddress


@admin.register(DisabledAddress)
class DisabledAddressAdmin(admin.ModelAdmin):
    list_display = ["address", "kind", "detail", "at", "enabled_at"]
    list_filter = [("enabled_at", admin.EmptyFieldListFilter), "kind", "at"]
    search_fields = ["address"]
    show_full_result_count = False
    actions = ["enable"]
    readonly_fields = ["address", "kind", "detail", "at", "enabled_at"]

    def has_add_permission(self, request):
        return False

    @admin.action(description="Enable again", permissions=["change"])
    def enable(self, request, queryset):
        """Mail is sent there from now on; what was suppressed meanwhile is not made up for."""
        enabled = sum(DisabledAddress.objects.enable(disabled.address) for disabled in queryset)
        self.message_user(request, f"{enabled} of {len(queryset)} enabled again.")
