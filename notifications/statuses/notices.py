"""The notice that a repository's commit statuses are not taken, as long as it is so."""

from collections.abc import Iterator

from django.urls import reverse

from notifications.models import CommitStatus, OutgoingState
from repositories.models import Repository
from repositories.notices import Notice

TELLING = (OutgoingState.SENT, OutgoingState.REFUSED)  # whether the forge takes them


def about_statuses(repository: Repository) -> Iterator[Notice]:
    if not repository.forge_token:
        return
    last = CommitStatus.objects.filter(repository=repository, state__in=TELLING).order_by("-pk").first()
    if last and last.state == OutgoingState.REFUSED:
        url = reverse("notifications:integrations", args=[repository.owner, repository.name])
        text = f"{repository.get_forge_display()} does not take commit statuses. {last.reason}"
        yield Notice(text, f"{url}#statuses", "Look at the token", summary="refused")
