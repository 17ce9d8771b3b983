"""The notifications app's place in Django."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
