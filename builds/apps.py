"""The builds app's place in Django."""

from importlib import import_module

from django.apps import AppConfig


class BuildsConfig(AppConfig):
    name = "builds"

    def ready(self) -> None:
        import_module("builds.receivers")
        import_module("builds.checks")
