"""Addresses in a mail that are not the application's own pages: at the forge, and to turn mail off."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse

from forges.kinds import Forge
from repositories.models import Repository

COMMIT = re.compile(r"[0-9a-f]{7,64}")
# Both forges have /commit/<id> and /compare/<id>...<id>.
# Sources: https://docs.github.com/pull-requests/committing-changes-to-your-project and Gitea's routers/web/web.go
WITH_PAGES = (Forge.GITHUB, Forge.GITEA)
SALT = "notifications.unsubscribe"


def forge_page(repository: Repository) -> str:
    """The repository's page at its forge, without a password that the clone URL may carry; "" if unknown."""
    parts = urlsplit(repository.clone_url)
    if repository.forge not in WITH_PAGES or parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path.rstrip('/').removesuffix('.git')}"


def commit_page(repository: Repository, commit: str) -> str:
    page = forge_page(repository)
    return f"{page}/commit/{commit}" if page and COMMIT.fullmatch(commit) else ""


def compare_page(repository: Repository, base: str, commit: str) -> str:
    """What changed from `base` to `commit`; "" when either isn't known, or they are the same."""
    page = forge_page(repository)
    if not page or base == commit or not COMMIT.fullmatch(base) or not COMMIT.fullmatch(commit):
        return ""
    return f"{page}/compare/{base}...{commit}"


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
