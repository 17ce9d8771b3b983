"""Commit statuses in the admin."""

from django.contrib import admin

from notifications.admin.outgoing import OutgoingAdmin
from notifications.models import CommitStatus


@admin.register(CommitStatus)
class CommitStatusAdmin(OutgoingAdmin):
    list_display = ["__str__", "repository", "state", "reason", "failures", "created_at", "sent_at"]
    list_filter = ["state", "verdict", "created_at"]
    search_fields = ["commit", "context", "repository__slug"]
    list_select_related = ["repository"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("repository__webhook_secret", "repository__forge_token")
