"""The mail preferences of repositories in the admin."""

from django.contrib import admin

from notifications.models import Preferences


@admin.register(Preferences)
class PreferencesAdmin(admin.ModelAdmin):
    list_display = ["repository", "mail_to", "mail_to_confirmed_at", "only_changes"]
    list_filter = ["only_changes", ("mail_to_confirmed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["repository"]
    search_fields = ["repository__slug", "mail_to"]
    show_full_result_count = False
    # An address counts once its owner has confirmed it, whoever else says so.
    readonly_fields = ["repository", "mail_to", "mail_to_confirmed_at"]
    fields = [*readonly_fields, "only_changes"]

    def has_add_permission(self, request):
        return False
