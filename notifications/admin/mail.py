"""The outbox in the admin: what was told to whom, and why not."""

from django.contrib import admin, messages

from notifications.models import Mail


@admin.register(Mail)
class MailAdmin(admin.ModelAdmin):
    list_display = ["subject", "recipient", "event", "state", "reason", "failures", "created_at", "sent_at"]
    list_filter = ["state", "event", "created_at"]
    search_fields = ["subject", "recipient", "repository__slug"]
    list_select_related = ["repository", "build"]
    show_full_result_count = False
    date_hierarchy = "created_at"
    actions = ["send_again", "cancel"]
    readonly_fields = [
        field.name for field in Mail._meta.get_fields() if field.concrete and field.name not in ("id",)
    ]

    def has_add_permission(self, request):
        return False

    @admin.action(description="Send again", permissions=["change"])
    def send_again(self, request, queryset):
        """Settled ones only; the Message-ID stays, so a mail program may show a repetition once."""
        chosen = list(queryset)
        done = sum(mail.send_again() for mail in chosen)
        self.tell(request, done, len(chosen), "queued again", "under way already, or nobody to send it to")

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request, queryset):
        chosen = list(queryset)
        done = sum(mail.cancel() for mail in chosen)
        self.tell(request, done, len(chosen), "cancelled", "not queued any more")

    def tell(self, request, done: int, chosen: int, what: str, why_not: str) -> None:
        self.message_user(request, f"{done} of {chosen} {what}.")
        if done < chosen:
            self.message_user(request, f"{chosen - done} left alone: {why_not}.", messages.WARNING)
