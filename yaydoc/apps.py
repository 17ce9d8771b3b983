"""The project as an app: base templates, static files, system checks, `clock`, `worker` and `set_up`."""

from importlib import import_module

from django.apps import AppConfig


class YaydocConfig(AppConfig):
    name = "yaydoc"

    def ready(self) -> None:
        import_module("yaydoc.checks")
