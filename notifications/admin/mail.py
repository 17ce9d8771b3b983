"""The outbox in the admin: what was told to whom, and why not."""

from django.contrib import admin

from notifications.admin.outgoing import OutgoingAdmin
from notifications.models import Mail


@admin.register(Mail)
class MailAdmin(OutgoingAdmin):
    list_display = [
        "subject",
        "recipient",
        "event",
        "state",
        "reason",
        "attempt",
        "not_before",
        "created_at",
        "sent_at",
    ]
    list_filter = ["state", "event", "created_at"]
    search_fields = ["subject", "recipient", "repository__slug"]
    list_select_related = ["repository", "build"]
