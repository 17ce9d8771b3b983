"""Outgoing webhooks in the admin, without their secrets, and their calls."""

from django.contrib import admin

from notifications.admin.outgoing import OutgoingAdmin
from notifications.models import Hook, HookCall


@admin.register(Hook)
class HookAdmin(admin.ModelAdmin):
    list_display = ["url", "repository", "is_active", "turned_off_because", "failing_since", "created_at"]
    list_filter = ["is_active", "created_at"]
    search_fields = ["url", "repository__slug"]
    list_select_related = ["repository"]
    show_full_result_count = False
    # Only the switch: an address, unlike on the settings page, would not be checked here.
    readonly_fields = ["repository", "url", "wishes", "turned_off_because", "failing_since", "created_at"]
    fields = ["is_active", *readonly_fields]

    def has_add_permission(self, request):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("secret", "old_secret", "repository__webhook_secret")

    def save_model(self, request, obj, form, change):
        obj.save(update_fields=[*form.changed_data, *obj.forget_failures()] if form.changed_data else [])


@admin.register(HookCall)
class HookCallAdmin(OutgoingAdmin):
    list_display = ["__str__", "state", "status_code", "reason", "attempt", "seconds", "created_at", "sent_at"]
    list_filter = ["state", "type", "created_at"]
    search_fields = ["hook__url", "hook__repository__slug"]
    list_select_related = ["hook"]
