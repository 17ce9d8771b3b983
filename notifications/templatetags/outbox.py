"""How a row of the outbox is written on pages."""

from django import template

from notifications.models import Outgoing, OutgoingState

register = template.Library()

# The picture and colour of each, borrowed from the states of builds.
LOOKS = {
    OutgoingState.QUEUED: "queued",
    OutgoingState.SENDING: "running",
    OutgoingState.HELD: "queued",
    OutgoingState.SENT: "success",
    OutgoingState.REFUSED: "failed",
    OutgoingState.EXPIRED: "failed",
    OutgoingState.BOUNCED: "failed",
}


@register.inclusion_tag("notifications/outgoing_state.html")
def outgoing_state(outgoing: Outgoing, pill: bool = False) -> dict[str, object]:
    """Where a row is, as picture and word. One that waits after a failure says so."""
    state = OutgoingState(outgoing.state)
    label = "waiting" if state == OutgoingState.QUEUED and outgoing.failures else state.label.lower()
    return {"look": LOOKS.get(state, "cancelled"), "label": label, "pill": pill}
