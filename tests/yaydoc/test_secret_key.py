"""Changing the secret key, as the manual says it."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as ours
from encrypted_fields.fields import EncryptedFieldMixin

from notifications.models import Hook
from repositories.models import Repository

MANUAL = (Path(ours.BASE_DIR) / "docs" / "operating.md").read_text()


def forget_keys():
    """As in a process that starts with other settings."""
    for model in apps.get_models():
        for field in model._meta.fields:
            if isinstance(field, EncryptedFieldMixin):
                field.__dict__.pop("keys", None)
                field.__dict__.pop("f", None)


@pytest.fixture
def keys(settings):
    def use(key, *old):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = key, list(old)
        forget_keys()

    yield use
    forget_keys()


@pytest.mark.django_db
def test_every_secret_is_read_with_the_new_key_alone_after_what_the_manual_says(repository, keys, settings):
    old = settings.SECRET_KEY
    hook = Hook.objects.create(repository=repository, url="https://example.org/")
    hook.renew_secret()
    secrets = repository.webhook_secret, hook.secret, hook.old_secret

    keys("another key that is long enough for anybody to be pleased with it", old)
    exec(re.search(r'shell -c "\n(.*?)"\n', MANUAL, re.DOTALL)[1].replace("\n   ", "\n").strip(), {})
    keys("another key that is long enough for anybody to be pleased with it")

    repository, hook = Repository.objects.get(), Hook.objects.get()
    assert (repository.webhook_secret, hook.secret, hook.old_secret) == secrets
