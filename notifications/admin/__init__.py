"""The admin's pages, one module for each kind of row."""

from notifications.admin.address import DisabledAddressAdmin
from notifications.admin.commit_status import CommitStatusAdmin
from notifications.admin.hook import HookAdmin, HookCallAdmin
from notifications.admin.mail import MailAdmin
from notifications.admin.pause import PauseAdmin
from notifications.admin.preferences import PreferencesAdmin

__all__ = [
    "CommitStatusAdmin",
    "DisabledAddressAdmin",
    "HookAdmin",
    "HookCallAdmin",
    "MailAdmin",
    "PauseAdmin",
    "PreferencesAdmin",
]
