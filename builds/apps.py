"""The builds app's place in Django."""

from importlib import import_module

from django.apps import AppConfig


class BuildsConfig(AppConfig):
    name = "builds"

    def ready(self) -> None:
        from builds.notices import of_pages_not_pushed, of_pushes, of_waiting_pull_requests
        from builds.retention import RULES
        from repositories import notices, retention, tabs

        import_module("builds.receivers")
        import_module("builds.checks")
        notices.register(of_pushes)
        notices.register(of_waiting_pull_requests)
        notices.register(of_pages_not_pushed)
        tabs.register(tabs.Tab("Versions", "builds:versions"), place=1)
        tabs.register(tabs.Tab("Builds", "builds:settings"), place=2)
        retention.register(RULES)
