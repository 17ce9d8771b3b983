"""Send a commit status that waits in the outbox."""

from builds.masking import masked
from forges.statuses.registry import api_of
from forges.statuses.status import NoSuchPlace, Status, Verdict
from notifications import http_client, outbox
from notifications.models import CommitStatus
from notifications.outbox import Refused, Suppressed, TryLater
from notifications.statuses import answers


def deliver(status_id: int) -> None:
    """Send one status, if it is due and nobody else does, and store what became of it.

    The forge shows what it took last, so a status waits while an older one in its place is on its way; who sends
    that one wakes it. An older one that is claimed after the newer was written sees it, and is not sent.
    """
    waiting = CommitStatus.objects.due().select_related("repository", "build__repository")
    status = waiting.filter(pk=status_id).first()
    if status is None or CommitStatus.objects.older_than(status).sending().exists():
        return
    outbox.deliver(status, transmit)
    for newer in CommitStatus.objects.newer_than(status).due():
        newer.wake_worker()


def transmit(status: CommitStatus) -> None:
    """Raises Suppressed, Refused, TryLater. What has changed since the status was written counts."""
    repository = status.repository
    token, api = repository.forge_token, api_of(repository.forge)
    if not token or api is None:
        raise Suppressed("The repository has no token any more.")
    if CommitStatus.objects.newer_than(status).exists():
        raise Suppressed("A newer one took its place.")
    try:
        request = api.request(repository.clone_url, token, said_by(status))
        answer = http_client.request(request.method, request.url, headers=request.headers, body=request.body)
        answers.check(answer, forge=repository.get_forge_display(), commit=status.commit, failures=status.failures)
    except NoSuchPlace as error:
        raise Refused(str(error)) from error
    # Whatever a server says back is shown to people: not the token.
    except (Suppressed, Refused, TryLater) as outcome:
        outcome.args = (masked(str(outcome), repository.secrets),)
        raise


def said_by(status: CommitStatus) -> Status:
    return Status(
        commit=status.commit,
        verdict=Verdict(status.verdict),
        context=status.context,
        description=status.description,
        target_url=status.build.page_url,
    )
