"""What is stored of notifications: each kind of row in a module of its own."""

from notifications.models.address import DisabledAddress
from notifications.models.commit_status import CommitStatus
from notifications.models.hook import Hook, HookCall
from notifications.models.mail import Mail
from notifications.models.outgoing import UNSETTLED, Outgoing, OutgoingState
from notifications.models.pause import Pause
from notifications.models.preferences import Preferences

__all__ = [
    "UNSETTLED",
    "CommitStatus",
    "DisabledAddress",
    "Hook",
    "HookCall",
    "Mail",
    "Outgoing",
    "OutgoingState",
    "Pause",
    "Preferences",
]
