"""What follows from a verified delivery: one row, and at most one build, in one transaction."""

import hashlib
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, Subquery

from builds.models import Automation, Build, Delivery, Trigger, Watch
from builds.tracking import PUBLISHING_BRANCHES, wants
from builds.webhooks import pull_requests
from builds.webhooks.outcomes import ACCEPTED, Outcome
from forges.pushes import Deletion, Event, Ignored, Malformed, Ping, PullRequestEvent, Push, RefKind, Refused
from repositories.models import Repository, Version

KEPT = 200  # rows per repository
DUPLICATE = "already accepted"
FLOOD = "ignored: too many new versions at once"
MOST_NEW = 20  # versions of a repository that wait for their first build, before a push adds another
PAUSED = "paused: too many failures in a row"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What names a delivery. Without an id of the forge's, its body does."""

    event: str  # as the forge calls it
    id: str
    body: bytes

    @property
    def is_named(self) -> bool:
        return bool(self.id)

    @property
    def key(self) -> str:
        return self.id or hashlib.sha256(self.event.encode() + b"\0" + self.body).hexdigest()


def accept(repository: Repository, arrival: Arrival, event: Event) -> Outcome:
    """Store a delivery and what it asks for. When this returns, both are committed (I1).

    Raises Refused for another repository's delivery, Malformed, and the database's errors; nothing is stored then.
    """
    with transaction.atomic(durable=True):
        check_repository(repository, event.repository_id)
        delivery, is_new = take(repository, arrival)
        if not is_new and delivery.outcome == ACCEPTED and arrival.is_named:
            return Outcome(DUPLICATE, delivery.build)
        outcome = follow(repository, event)
        if not is_new and outcome.build and outcome.build.pk == delivery.build_id:
            return Outcome(DUPLICATE, outcome.build)
        delivery.outcome, delivery.build = outcome.text, outcome.build
        delivery.save(update_fields=["outcome", "build"])
        forget_old(repository)
    return outcome


def check_repository(repository: Repository, forge_id: str) -> None:
    """Raises Refused when the body is of another repository than the first delivery was."""
    if not forge_id or repository.forge_id == forge_id:
        return
    if not repository.forge_id:
        Repository.objects.filter(pk=repository.pk, forge_id="").update(forge_id=forge_id)
        repository.refresh_from_db(fields=["forge_id"])
    if repository.forge_id != forge_id:
        raise Refused("repository id does not match")


def take(repository: Repository, arrival: Arrival) -> tuple[Delivery, bool]:
    """The row of a delivery, and whether it is new.

    Of two equal ones at a time the second waits for the first's transaction, by the unique constraint. One that
    was ignored may come again: people change the settings and press "redeliver".
    """
    try:
        with transaction.atomic():
            return repository.deliveries.create(delivery_id=arrival.key, event=arrival.event), True
    except IntegrityError:
        return repository.deliveries.select_related("build").get(delivery_id=arrival.key), False


def follow(repository: Repository, event: Event) -> Outcome:
    """Do what `event` asks for. Raises Malformed."""
    if isinstance(event, Ping):
        return Outcome("pong")
    if isinstance(event, PullRequestEvent):
        return pull_requests.follow(repository, event)
    if not repository.is_enabled:
        return Outcome("ignored: repository is disabled")
    if isinstance(event, Ignored):
        return Outcome(f"ignored: {event.reason}")
    if isinstance(event, Deletion):
        return deactivate(repository, event)
    return request_build(repository, event)


def request_build(repository: Repository, push: Push) -> Outcome:
    if push.kind == RefKind.BRANCH and push.name in PUBLISHING_BRANCHES:
        return Outcome("ignored: publishing branch")
    if Automation.objects.pauses(repository):
        return Outcome(PAUSED)  # nor is anything made a version: the next look would build all of them at once
    version = tracked_version(repository, push)
    if version is None:
        if may_have_moved(repository, push):
            Watch.objects.hurry(repository)
        return Outcome(f"ignored: {push.kind} not tracked")
    require_repository(push)
    if is_one_too_many(version):
        version.switch_off()
        return Outcome(FLOOD)
    # A branch whose name we only suppose to be the default one: the newest of the default branch is right anyway.
    commit = push.commit if version.name or push.default_branch else ""
    build = Build.objects.request(
        version, trigger=Trigger.PUSH, commit=commit, message=push.message, author=push.author
    )
    build.repository = repository  # spares its address a query
    return Outcome(ACCEPTED, build)


def may_have_moved(repository: Repository, push: Push) -> bool:
    """Whether the forge calls another branch than ours the default one: by choice, or since it has a new name."""
    is_default = push.kind == RefKind.BRANCH and push.name == push.default_branch
    return is_default and bool(push.repository_id and repository.default_branch)


def is_one_too_many(version: Version) -> bool:
    """Whether it is new, and so many others are that nobody can have meant to build all: `git push --tags`."""
    if version.is_default or version.status_build_number or version.builds.exists():
        return False
    new = Build.objects.unfinished().filter(repository=version.repository, version__status_build_number=0)
    others = new.filter(version__is_default=False).exclude(version__kind=Version.Kind.PULL_REQUEST)
    return bool(others.count() >= MOST_NEW)


def require_repository(push: Push) -> None:
    """Raises Malformed where the body doesn't say of which repository it is."""
    if not push.repository_id:
        raise Malformed("required: repository")


def tracked_version(repository: Repository, push: Push) -> Version | None:
    """The version that is built from what was pushed, if one is; a new one where the repository's rule says so.

    Until the first checkout tells the default branch's name, the body's word counts, and failing that any branch.
    """
    kind = push.kind.value
    versions = repository.versions.filter(kind=kind, name=push.name)
    version: Version | None = versions.filter(Q(is_active=True) | Q(is_default=True)).first()
    if version:
        return version
    if wants(repository, kind, push.name) or versions.filter(retired_at__isnull=False).exists():
        require_repository(push)
        return Version.objects.track(repository, kind, push.name)
    if push.kind != RefKind.BRANCH or repository.default_branch:
        return None
    if push.default_branch in ("", push.name):
        return repository.versions.filter(is_default=True, name="").first()
    return None


def deactivate(repository: Repository, deletion: Deletion) -> Outcome:
    """A deleted branch or tag is no longer built; its pages stay. The default version stays as it is."""
    versions = repository.versions.active().filter(kind=deletion.kind.value, name=deletion.name, is_default=False)
    if deletion.repository_id and (deletion.kind, deletion.name) == (RefKind.BRANCH, repository.default_branch):
        Watch.objects.hurry(repository)
    version = versions.first() if deletion.repository_id else None
    if version is None or not version.retire():
        return Outcome(f"ignored: {deletion.kind} deleted")
    return Outcome(f"{deletion.kind} deleted: it is no longer built")


def forget_old(repository: Repository) -> None:
    """Keep the newest rows (I8)."""
    newest = repository.deliveries.order_by("-id").values("id")
    repository.deliveries.filter(id__lt=Subquery(newest[KEPT - 1 : KEPT])).delete()
