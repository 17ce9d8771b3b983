"""The notifications app's place in Django."""

from importlib import import_module

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from repositories import tabs

        import_module("notifications.receivers")  # connects them
        tabs.register(tabs.Tab("Notifications", "notifications:settings"))
