"""The pages app's place in Django."""

from importlib import import_module

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        from pages.retention import RULES
        from repositories import retention

        import_module("pages.receivers")
        retention.register(RULES)
