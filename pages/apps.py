"""The pages app's place in Django."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"
