"""What follows from a delivery about a pull request: a build, a wait for approval, or the end of its preview."""

from builds.models import PullRequest, Trigger
from builds.webhooks.outcomes import ACCEPTED, Outcome
from forges.pushes import Malformed, PullRequestAction, PullRequestEvent
from repositories.models import Repository, Version

WAITING = "waiting for approval"
# How GitHub says that somebody belongs to the repository, or had something merged there. Newcomers are NONE,
# FIRST_TIMER and FIRST_TIME_CONTRIBUTOR; a word that is not here waits like them.
# Source: GitHub, "GraphQL enums", CommentAuthorAssociation.
KNOWN = frozenset({"OWNER", "MEMBER", "COLLABORATOR", "CONTRIBUTOR"})


def follow(repository: Repository, event: PullRequestEvent) -> Outcome:
    """Do what `event` asks for, inside the delivery's transaction. Raises Malformed."""
    if event.action == PullRequestAction.CLOSED:
        return close(repository, event)  # whatever is switched off: nothing of it may stay
    if not repository.is_enabled:
        return Outcome("ignored: repository is disabled")
    if not repository.builds_pull_requests:
        return Outcome("ignored: pull requests are not built")
    if event.is_from_fork and not event.commit:
        return Outcome(WAITING)  # a stranger's, of which there is nothing yet to look at
    if not event.repository_id or not event.commit:
        raise Malformed("required: repository, pull_request.head.sha")
    if event.action != PullRequestAction.REOPENED and is_closed(repository, event.number):
        return Outcome("ignored: pull request is closed")  # told of before, delivered after
    pull_request = PullRequest.objects.record(repository, event)
    if not pull_request.version.is_active:
        pull_request.reopen()
    if pull_request.waits_for_approval and needs_approval(repository, event):
        return Outcome(WAITING)
    # A commit that was built before the closing is built again: its pages are gone.
    trigger = Trigger.PERSON if event.action == PullRequestAction.REOPENED else Trigger.PUSH
    return Outcome(ACCEPTED, pull_request.approve(event.commit, trigger=trigger))


def needs_approval(repository: Repository, event: PullRequestEvent) -> bool:
    """Whether somebody of the repository has to look at the commit before it is built.

    A branch of the repository itself was pushed by somebody who may push there. Of a fork the forge's word on the
    author counts, and where it says nothing (Gitea, Forgejo), whether one of theirs was merged here.
    """
    if not event.is_from_fork:
        return False
    if event.association:
        return event.association not in KNOWN
    merged = PullRequest.objects.of(repository).filter(author=event.author, is_merged=True)
    return not event.author or not merged.exists()


def is_closed(repository: Repository, number: int) -> bool:
    """Whether it was closed; one that is known can be neither closed nor reopened until the transaction ends."""
    known = Version.objects.filter(repository=repository, kind=Version.Kind.PULL_REQUEST, name=str(number))
    version = known.locked().first()
    return version is not None and not version.is_active


def close(repository: Repository, event: PullRequestEvent) -> Outcome:
    found = PullRequest.objects.of(repository).filter(version__name=str(event.number)).select_related("version")
    pull_request: PullRequest | None = found.first() if event.repository_id else None
    if pull_request is None:
        is_off = not repository.builds_pull_requests
        return Outcome(f"ignored: {'pull requests are not built' if is_off else 'pull request was not built'}")
    pull_request.close(is_merged=event.is_merged)
    return Outcome("pull request closed: its preview is removed")
