"""What tests of the badge store, and what they read in its answers."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from repositories.models import Repository

FORBIDDEN_HEADERS = {"Set-Cookie", "Vary", "X-Frame-Options"}
END = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)


def set_status(repository, status, at=END):
    Repository.objects.filter(pk=repository.pk).update(build_status=status, status_changed_at=at)


def title(response):
    return ElementTree.fromstring(response.content)[0].text
