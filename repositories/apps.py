"""The repositories app's place in Django."""

from importlib import import_module

from django.apps import AppConfig
from django.urls import register_converter


class RepositoriesConfig(AppConfig):
    name = "repositories"

    def ready(self) -> None:
        converters = import_module("repositories.converters")
        register_converter(converters.OwnerConverter, "owner")
        register_converter(converters.NameConverter, "repository")
