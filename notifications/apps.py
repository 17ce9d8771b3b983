"""The notifications app's place in Django."""

from importlib import import_module

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from notifications.hooks.notices import about_hooks
        from notifications.notices import about_repository, about_user
        from notifications.retention import RULES
        from notifications.statuses.notices import about_statuses
        from repositories import notices, retention, tabs

        import_module("notifications.checks")
        import_module("notifications.receivers")  # connects them
        retention.register(RULES)
        notices.register(about_repository)
        notices.register_personal(about_user)
        tabs.register(tabs.Tab("Notifications", "notifications:settings"))
        tabs.register(tabs.Tab("Integrations", "notifications:integrations"))
        notices.register(about_hooks)
        notices.register(about_statuses)
