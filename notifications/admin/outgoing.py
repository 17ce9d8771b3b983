"""What every kind of row of the outbox has in the admin: to look at, to send again and to cancel."""

from django.contrib import admin, messages


class OutgoingAdmin(admin.ModelAdmin):
    show_full_result_count = False
    date_hierarchy = "created_at"
    actions = ["send_again", "cancel"]

    def has_add_permission(self, request):
        return False

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in self.model._meta.concrete_fields if field.name != "id"]

    @admin.action(description="Send again", permissions=["change"])
    def send_again(self, request, queryset):
        """Settled ones only; each keeps its id, by which the other side may tell a repetition."""
        chosen = list(queryset)
        done = sum(outgoing.send_again() for outgoing in chosen)
        self.tell(request, done, len(chosen), "queued again", "under way already, or nobody to send it to")

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request, queryset):
        chosen = list(queryset)
        done = sum(outgoing.cancel() for outgoing in chosen)
        self.tell(request, done, len(chosen), "cancelled", "not queued any more")

    def tell(self, request, done: int, chosen: int, what: str, why_not: str) -> None:
        self.message_user(request, f"{done} of {chosen} {what}.")
        if done < chosen:
            self.message_user(request, f"{chosen - done} left alone: {why_not}.", messages.WARNING)
