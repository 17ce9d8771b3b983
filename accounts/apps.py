"""The accounts app's place in Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.retention import RULES
        from repositories import retention

        retention.register(RULES)
