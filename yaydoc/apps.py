"""The project as an app: base templates, static files, `clock`, `worker` and `setup`."""

from django.apps import AppConfig


class YaydocConfig(AppConfig):
    name = "yaydoc"
