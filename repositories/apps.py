"""The repositories app's place in Django."""

from django.apps import AppConfig


class RepositoriesConfig(AppConfig):
    name = "repositories"
