"""Pauses in the admin: whose mails were too many."""

from django.contrib import admin
from django.db.models import Count, Q

from notifications.models import Pause


@admin.register(Pause)
class PauseAdmin(admin.ModelAdmin):
    list_display = ["repository", "began_at", "ended_at", "held_back"]
    list_filter = ["began_at"]
    search_fields = ["repository__slug"]
    list_select_related = ["repository"]
    readonly_fields = ["repository", "began_at", "ended_at"]
    show_full_result_count = False

    def get_queryset(self, request):
        about_builds = Q(mails__build__isnull=False)
        return super().get_queryset(request).annotate(count=Count("mails", filter=about_builds))

    def has_add_permission(self, request):
        return False

    @admin.display(description="Held back", ordering="count")
    def held_back(self, pause) -> str:
        """Mails of the last 90 days: older ones are gone."""
        return f"{pause.count}"
