"""Notices about outgoing webhooks that we turned off."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import reverse

from notifications.models import Hook
from repositories.models import Repository
from repositories.notices import Notice


def about_hooks(repository: Repository) -> Iterator[Notice]:
    for hook in Hook.objects.turned_off().filter(repository=repository):
        url = reverse("notifications:hook", args=[repository.owner, repository.name, hook.pk])
        text = f"The webhook to {urlsplit(hook.url).hostname} was turned off. {hook.turned_off_because}"
        yield Notice(text, url, "Look at it", summary="turned off")
