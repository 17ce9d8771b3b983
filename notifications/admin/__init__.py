"""The admin's pages, one module for each kind of row."""

from notifications.admin.mail import MailAdmin

__all__ = ["MailAdmin"]
