"""The badges app's place in Django."""

from django.apps import AppConfig


class BadgesConfig(AppConfig):
    name = "badges"
