"""Removes what is kept on disk of repositories, versions and builds that are gone, and unused environments."""

import logging
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from builds import environment_cache, locks, logs, places, sandbox
from builds.checkouts import further
from builds.errors import BuildError
from builds.models import Build, BuildWarning, Delivery
from builds.webhooks import deliveries
from repositories.models import Repository, Version
from repositories.retention import Rule, mebibytes

logger = logging.getLogger(__name__)

KEPT = timedelta(days=90)  # then what a build printed and complained of is removed, unless its pages are kept
MOST = 2_000  # builds whose logs or warnings one sweep removes at most: the clock has more to do
AT_ONCE = 500  # builds that are asked about in one query, and rows that go in one transaction
UNUSED = timedelta(days=30)  # then an environment, or a submodule's mirror, is removed; who wants it makes it anew
INTERRUPTED = timedelta(hours=1)  # then one that was never completed, and that nobody is making, is removed
# Behind the trust domain: an environment, or none for a cache; its marker and its locks.
OF_ENVIRONMENT = r"(?:-[0-9a-f]{32})?(?:\.complete|\.lock|\.use)?"
CLOSED = Q(kind=Version.Kind.PULL_REQUEST, is_active=False)


def sweep() -> None:
    """Called by the clock, and by each worker at its start: its build directory may be its own."""
    remove_orphans(logs.directory(), r"(\d+)", Build.objects.all())
    remove_old_logs()
    remove_old_warnings()
    if not has_build_directory():
        return
    repositories, versions = Repository.objects.all(), Version.objects.exclude(CLOSED)
    remove_orphans(places.mirrors(), r"(\d+)\.(?:git|local\.git|submodules)", repositories)
    for directory in places.mirrors().glob("*.submodules"):
        remove_unused_mirrors(directory)
    # A build holds its version's lock from its first to its last step.
    for worktrees in places.mirrors().glob("**/*.git/worktrees"):
        remove_orphans(worktrees, r"(\d+)(?:-\d+)?", versions, locks_in=places.versions())
    remove_orphans(places.environments(), rf"(?:cache-)?repository-(\d+){OF_ENVIRONMENT}", repositories)
    remove_orphans(
        places.environments(), rf"(?:cache-)?version-(\d+){OF_ENVIRONMENT}", versions, locks_in=places.versions()
    )
    remove_orphans(places.versions(), r"(\d+)", versions)
    remove_unused_environments(places.environments())
    environment_cache.forget_least_used()


def remove_old_logs() -> None:
    """Those of builds that are past keeping. A directory is as old as the build's last attempt."""
    old = [entry for entry in entries_of(logs.directory()) if age_of(entry) >= KEPT.total_seconds()]
    found = {int(entry.name): entry for entry in old if entry.name.isdecimal()}
    past = (
        build_id
        for ids in batched(sorted(found))
        for build_id in Build.objects.past_keeping(KEPT).filter(pk__in=ids).values_list("pk", flat=True)
    )
    for build_id in islice(past, MOST):
        shutil.rmtree(found[build_id], ignore_errors=True)


def remove_old_warnings() -> None:
    """The rows of what such builds complained of; their number stays with the build."""
    complaining = BuildWarning.objects.filter(build__in=Build.objects.past_keeping(KEPT))
    ids = list(complaining.order_by().values_list("build_id", flat=True).distinct()[:MOST])
    for some in batched(ids, 20):
        BuildWarning.objects.filter(build_id__in=some).delete()


def batched(ids: Sequence[int], size: int = AT_ONCE) -> Iterator[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def make_room(build: Build) -> None:
    """After the disk ran full: throw away all that `build` may have filled, and what is quickly made again."""
    remove_unless_locked(places.version_directory(build.version), places.versions() / f"{build.version_id}.lock")
    mirror = places.git_mirror(build.repository_id)
    remove_unless_locked(mirror, mirror.with_suffix(".lock"))
    remove_unless_locked(places.submodules(build.repository_id), mirror.with_suffix(".lock"))
    cache = places.environments() / f"cache-{places.trust_domain(build.version)}"
    environment_cache.remove_unless_used(cache)  # builds of other versions may be installing from it
    # Whoever asked for one longer ago is not rendering with it any more.
    in_use = timedelta(seconds=2 * settings.BUILD_TIMEOUT_MOST)
    remove_unused_environments(places.environments(), unused=in_use, interrupted=timedelta(0))


def remove_orphans(
    directory: Path, pattern: str, rows: QuerySet[Any, Any], *, locks_in: Path | None = None
) -> None:
    """Remove the entries whose name holds an id that is none of `rows`. Ids are never given twice.

    Whoever uses an entry holds the lock of its id, in the same directory or in `locks_in`.
    """
    found = {entry: match for entry in entries_of(directory) if (match := re.fullmatch(pattern, entry.name))}
    # Asked after looking: who makes an entry has stored its row before.
    ids = sorted({int(match[1]) for match in found.values()})
    known = {pk for some in batched(ids) for pk in rows.filter(pk__in=some).values_list("pk", flat=True)}
    for entry, match in found.items():
        if int(match[1]) in known:
            continue
        lock = (locks_in or directory) / f"{match[1]}.lock"
        remove_unless_locked(entry, lock)
        if not any(other.exists() for other, its in found.items() if its[1] == match[1]):
            lock.unlink(missing_ok=True)


def remove_unused_environments(
    directory: Path, *, unused: timedelta = UNUSED, interrupted: timedelta = INTERRUPTED
) -> None:
    """Those that no build asked for since long, and what an interrupted making left.

    Their locks stay: empty files, which somebody may be about to take.
    """
    for entry in entries_of(directory):
        if not environment_cache.ENVIRONMENT.fullmatch(entry.name):
            continue
        marker = environment_cache.marker_of(entry)
        kept, by = (unused, marker) if marker.exists() else (interrupted, entry)
        if age_of(by) >= kept.total_seconds():
            environment_cache.remove_unless_used(entry)


def remove_unused_mirrors(directory: Path) -> None:
    """Those in a repository's directory of submodules and subprojects that no build asked for since long."""
    for mirror in entries_of(directory):
        if age_of(mirror) >= UNUSED.total_seconds():
            remove_unless_locked(mirror, directory.with_suffix(".lock"))


def entries_of(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except FileNotFoundError:
        return []


def age_of(path: Path) -> float:
    """Seconds since its last change; 0 when it is gone."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0


def remove_unless_locked(path: Path, lock: Path) -> None:
    """A fault is logged: the next sweep tries again."""
    try:
        with locks.held(lock) as is_mine:
            if not is_mine:
                return  # a build that lost its row ends within a second or two
            sandbox.remove(path)
    except OSError as error:
        logger.warning("%s could not be removed: %s", path, error)


def _environments_held() -> str:
    found = environment_cache.kept(places.environments()) if has_build_directory() else []
    return f"{len(found):,}, {mebibytes(sum(one.size for one in found))}"


def _trees_held() -> str:
    if not has_build_directory():
        return "none"
    mirrors = sum(entry.suffix == ".git" for entry in entries_of(places.mirrors()))
    trees = sum(entry.is_dir() for entry in entries_of(places.versions()))
    return f"{mirrors:,} mirrors, {trees:,} trees"


def _further_held() -> str:
    found = places.mirrors().glob("*.submodules/*.git") if has_build_directory() else ()
    return f"{sum(1 for _ in found):,}"


def has_build_directory() -> bool:
    """False where no sandbox works here: then nothing was built."""
    try:
        sandbox.build_directory()
    except BuildError:
        return False
    return True


RULES = [
    Rule("Builds", lambda: "as long as their repository", lambda: f"{Build.objects.count():,}"),
    Rule(
        "Logs and warnings of builds",
        lambda: f"{KEPT.days} days; of a version's last result, and where the pages are kept, longer",
        lambda: f"{len(entries_of(logs.directory())):,} logs, {BuildWarning.objects.count():,} warnings",
    ),
    Rule(
        "Deliveries",
        lambda: f"the newest {deliveries.KEPT} of each repository",
        lambda: f"{Delivery.objects.count():,}",
    ),
    Rule(
        "Environments and caches of packages",
        lambda: f"{settings.ENVIRONMENTS_SIZE:,} MiB together, and {UNUSED.days} days after their last use",
        _environments_held,
    ),
    Rule(
        "Mirrors, working trees and doctrees",
        lambda: "as long as their repository or version, or until the disk is full",
        _trees_held,
    ),
    Rule(
        "Mirrors of submodules and subprojects",
        lambda: f"{UNUSED.days} days after their last use; of each repository the last used {further.MOST_KEPT}",
        _further_held,
    ),
]
