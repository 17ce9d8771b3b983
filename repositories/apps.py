"""The repositories app's place in Django."""

from importlib import import_module

from django.apps import AppConfig
from django.urls import register_converter


class RepositoriesConfig(AppConfig):
    name = "repositories"

    def ready(self) -> None:
        register_converter(import_module("repositories.converters").NameConverter, "name")
