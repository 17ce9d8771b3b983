"""The builds app's place in Django."""

from django.apps import AppConfig


class BuildsConfig(AppConfig):
    name = "builds"
