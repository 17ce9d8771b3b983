"""How the state of what is sent is drawn on pages."""

from typing import Any

from django import template

from notifications.models import Outgoing, OutgoingState

register = template.Library()

# The drawing, and with it the colour, of a build's state that means about the same.
DRAWINGS = {
    OutgoingState.QUEUED: "queued",
    OutgoingState.SENDING: "running",
    OutgoingState.HELD: "queued",
    OutgoingState.SENT: "success",
    OutgoingState.SUPPRESSED: "cancelled",
    OutgoingState.REFUSED: "failed",
    OutgoingState.EXPIRED: "error",
    OutgoingState.CANCELLED: "cancelled",
    OutgoingState.BOUNCED: "failed",
}


@register.inclusion_tag("builds/state.html")
def outgoing_state(outgoing: Outgoing) -> dict[str, Any]:
    """The state with its drawing, in a pill."""
    drawing = DRAWINGS.get(OutgoingState(outgoing.state), "unknown")
    return {"value": drawing, "label": outgoing.get_state_display().lower(), "pill": True}
