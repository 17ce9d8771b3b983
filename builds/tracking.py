"""Follows the branches and tags of a remote: which versions come, which go, and what was pushed without a word."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from builds.models import UNFINISHED, Automation, Build, Trigger
from forges.refs import is_name
from repositories.models import Repository, Version
from repositories.names import marked_slug, version_slug
from repositories.version_rules import ADDED_AT_ONCE, MAX_VERSIONS, REMEMBERED, highest_first

# Where others' tools publish: building what a build may have pushed could go on for ever.
PUBLISHING_BRANCHES = frozenset({"gh-pages"})
# A push may have been told of after the remote was looked at: what was built since then is newer than the look.
JUST_BUILT = timedelta(minutes=2)
LONGEST_NAME = 255  # characters, as many as the database holds

Ref = tuple[str, str]  # kind and name of a branch or tag


@dataclass(frozen=True)
class Remote:
    """What a look at the remote saw: name → id of the commit, for a tag too."""

    heads: Mapping[str, str]
    tags: Mapping[str, str]

    def commit_of(self, version: Version) -> str | None:
        """None: it is gone."""
        return (self.tags if version.kind == Version.Kind.TAG else self.heads).get(version.name)


@dataclass(frozen=True)
class Found:
    """What a look at the remote led to."""

    added: list[Version] = field(default_factory=list)  # new, or taken up again
    retired: list[Version] = field(default_factory=list)
    missed: list[Build] = field(default_factory=list)  # of commits on known versions of which no push had told

    @property
    def is_nothing(self) -> bool:
        return not (self.added or self.retired or self.missed)


def follow(repository: Repository, heads: Mapping[str, str], tags: Mapping[str, str]) -> Found:
    """Let the versions be those of the remote, and ask for builds of what is newer than the last build.

    `heads` and `tags` are what a look at the remote saw, as in `Remote`. The same look twice changes nothing more.
    Without any branch the look is not believed: nothing is done then. Each step is
    a transaction of its own, so that no two versions are locked at a time.
    """
    if not repository.is_enabled or not heads or Automation.objects.pauses(repository):
        return Found()
    remote = Remote(heads, tags)
    versions = list(_with_newest_build(repository))
    retired = [version for version in versions if _is_gone(version, remote) and version.retire()]
    there_again = [version for version in versions if version.retired_at and remote.commit_of(version)]
    back = [version for version in there_again if version.take_up_again()]
    wanted = _wanted(repository, remote)
    added = _add(repository, wanted, _forget(versions, wanted))
    missed = [
        _request(version, remote)
        for version in versions
        if version not in back and _was_missed(version, remote.commit_of(version))
    ]
    for version in (*back, *added):
        _request(version, remote)
    return Found(added=[*back, *added], retired=retired, missed=missed)


def _with_newest_build(repository: Repository) -> Iterable[Version]:
    """Branches and tags with `newest_state`, `newest_commit` and `newest_at` of what was last asked for."""
    newest = Build.objects.filter(version=OuterRef("pk")).order_by("-number")
    versions: Iterable[Version] = repository.versions.branches_and_tags().annotate(
        newest_state=Subquery(newest.values("state")[:1]),
        newest_commit=Subquery(newest.values("commit")[:1]),
        newest_at=Subquery(newest.values("requested_at")[:1]),
    )
    return versions


def _is_gone(version: Version, remote: Remote) -> bool:
    is_built = version.is_active and not version.is_default
    return is_built and remote.commit_of(version) is None and not _is_recent(version)


def _is_recent(version: Version) -> bool:
    newest: datetime | None = version.newest_at  # type: ignore[attr-defined]
    return newest is not None and newest > timezone.now() - JUST_BUILT


def _was_missed(version: Version, commit: str | None) -> bool:
    """Whether nobody has asked for a build of `commit`. One that waits or runs is left to end first."""
    if not version.is_active or not commit or version.name in PUBLISHING_BRANCHES or _is_recent(version):
        return False
    is_on_its_way = version.newest_state in UNFINISHED  # type: ignore[attr-defined]
    return not is_on_its_way and version.newest_commit != commit  # type: ignore[attr-defined]


def _wanted(repository: Repository, remote: Remote) -> list[Ref]:
    """What the rule makes versions of, by kind, the highest first. Of very many, the lower ones are left out."""
    return [
        (kind, name)
        for kind, names in ((Version.Kind.TAG, remote.tags), (Version.Kind.BRANCH, remote.heads))
        for name in highest_first(name for name in names if wants(repository, kind, name))[:REMEMBERED]
    ]


def _forget(versions: list[Version], wanted: list[Ref]) -> list[Version]:
    """Drop the rows of what was only remembered, and is not wanted any more. Returns the others."""
    in_sight = set(wanted)
    dropped = {
        version.pk
        for version in versions
        if not (version.is_active or version.retired_at or version.newest_state)  # type: ignore[attr-defined]
        and (version.kind, version.name) not in in_sight
    }
    if dropped:
        Version.objects.filter(pk__in=dropped, is_active=False).delete()
    return [version for version in versions if version.pk not in dropped]


def _add(repository: Repository, wanted: list[Ref], versions: list[Version]) -> list[Version]:
    """New versions by the rule, of each kind the highest few; the others are remembered, switched off."""
    known = {(version.kind, version.name) for version in versions}
    slugs = {version.slug for version in versions}
    new = [(kind, name) for kind, name in wanted if (kind, name) not in known]
    added: list[Version] = []
    remembered: dict[str, Version] = {}
    for kind in (Version.Kind.TAG, Version.Kind.BRANCH):
        names = [name for of_kind, name in new if of_kind == kind]
        tracked = [Version.objects.track(repository, kind, name) for name in names[:ADDED_AT_ONCE]]
        added += filter(None, tracked)
        slugs |= {version.slug for version in tracked if version}
        for name in names[ADDED_AT_ONCE:]:
            slug = marked_slug(name, kind) if version_slug(name) in slugs else version_slug(name)
            remembered[slug] = Version(repository=repository, kind=kind, name=name, slug=slug, is_active=False)
            slugs.add(slug)
    room = max(0, MAX_VERSIONS - len(versions) - len(added))
    Version.objects.bulk_create(list(remembered.values())[:room], ignore_conflicts=True)
    return added


def _request(version: Version, remote: Remote) -> Build:
    build: Build = Build.objects.request(version, trigger=Trigger.WATCH, commit=remote.commit_of(version) or "")
    return build


def wants(repository: Repository, kind: str, name: str) -> bool:
    """Whether the rule makes a version of this branch or tag.

    Until the first checkout tells the default branch's name, no branch can be told from it.
    """
    if not is_name(name) or len(name) > LONGEST_NAME:
        return False
    if kind == Version.Kind.TAG:
        return repository.version_rule.wants_tag(name)
    is_known = bool(repository.default_branch) and name not in PUBLISHING_BRANCHES
    return is_known and repository.version_rule.wants_branch(name)
