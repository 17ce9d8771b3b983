"""The address in a mail by which mail is turned off."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from repositories.models import Repository

SALT = "notifications.unsubscribe"


def unsubscribe_url(repository: Repository) -> str:
    """Turns mail off for whoever has it, without signing in, as long as the registrant is the same person."""
    token = signing.Signer(salt=SALT).sign(f"{repository.pk}.{repository.registrant_id}")
    return f"{settings.SITE_URL}{reverse('notifications:unsubscribe', args=[token])}"


def repository_of_token(token: str) -> Repository | None:
    """The repository that a token of `unsubscribe_url` turns mail off for; None: it is not of ours."""
    try:
        repository, _, registrant = signing.Signer(salt=SALT).unsign(token).partition(".")
    except signing.BadSignature:
        return None
    found: Repository | None = Repository.objects.filter(pk=repository, registrant=registrant).first()
    return found
