"""Release and Publication: the immutable output of a build, and the pointer to the one that is served."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models, transaction

from repositories import version_rules
from repositories.models import Repository, Version

MOST_PINNED = 10  # releases of a version: each may take BUILD_OUTPUT_SIZE


def releases_directory() -> Path:
    return Path(settings.DATA_DIR) / "releases"


def new_directory_name() -> str:
    return uuid.uuid4().hex


class Release(models.Model):
    """The complete, immutable output of one build: a directory whose name was never used before.

    The row is made by `pages.releases.store` once its directory is complete and on disk, never earlier.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="releases")
    directory_name = models.CharField(max_length=32, unique=True, default=new_directory_name, editable=False)
    build_number = models.PositiveIntegerField()
    commit = models.CharField(max_length=64)
    files = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField(help_text="bytes")
    # Of `pages.downloads.FORMATS`: which files the build made besides the pages.
    formats = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    is_pinned = models.BooleanField("pinned", default=False, editable=False)  # kept until somebody unpins it

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.version} #{self.build_number}"

    @property
    def directory(self) -> Path:
        return releases_directory() / self.directory_name

    @transaction.atomic
    def pin(self) -> bool:
        """Keep it whatever is published next. False: MOST_PINNED of its version are pinned, or it is gone."""
        Version.objects.locked(no_key=False).get(pk=self.version_id)
        pinned = Release.objects.filter(version_id=self.version_id, is_pinned=True).exclude(pk=self.pk)
        if pinned.count() >= MOST_PINNED:
            return False
        self.is_pinned = bool(Release.objects.filter(pk=self.pk).update(is_pinned=True))
        return self.is_pinned

    def unpin(self) -> None:
        """From now on it is kept like any other."""
        Release.objects.filter(pk=self.pk).update(is_pinned=False)
        self.is_pinned = False


class PublicationManager(models.Manager["Publication"]):
    @transaction.atomic
    def publish(self, release: Release) -> bool:
        """Let `release` be served, unless one of a newer build was published before; tells whether it is.

        The only way forward of the pointer. Serving changes with the commit of the transaction.
        """
        version = release.version
        if version.kind == Version.Kind.TAG:
            Version.objects.locked().get(pk=version.pk)  # before the repository's row
        publication, is_first = self.select_for_update().get_or_create(
            version=version, defaults={"release": release}
        )
        if publication.newest_build_number > release.build_number:
            return False
        publication.release = release
        publication.newest_build_number = release.build_number
        publication.save(update_fields=["release", "newest_build_number", "published_at"])
        if is_first and version.kind == Version.Kind.TAG:
            self.choose_stable(version.repository_id)
        return True

    @transaction.atomic
    def withdraw(self, version: Version) -> None:
        """Serve nothing of a version any more."""
        count, _ = self.filter(version=version).delete()
        if count and version.kind == Version.Kind.TAG:
            self.choose_stable(version.repository_id)

    @transaction.atomic
    def choose_stable(self, repository_id: int) -> None:
        """Let `stable` lead to the highest release tag that has pages; the only writer of `stable_version`.

        Call it after what may change that, inside its transaction. Hidden and retired tags don't count. By the
        lock two first publications at a time see each other. Rows of versions are locked before, never after.
        """
        repository = Repository.objects.select_for_update(no_key=True).only("stable_version").get(pk=repository_id)
        tags = Version.objects.filter(repository_id=repository_id, kind=Version.Kind.TAG)
        eligible = tags.filter(is_hidden=False, retired_at=None, publication__isnull=False)
        versions = dict(eligible.values_list("name", "pk"))
        name = version_rules.stable(versions)
        highest = versions[name] if name else None
        if highest != repository.stable_version_id:
            Repository.objects.filter(pk=repository_id).update(stable_version=highest)


class Publication(models.Model):
    """Which release of a version is served. Publishing and rolling back move it, withdrawing removes it."""

    version = models.OneToOneField(Version, models.CASCADE, related_name="publication")
    release = models.ForeignKey(Release, models.RESTRICT, related_name="+")
    # The newest build that was ever published here: a late result of an older one never takes its place.
    newest_build_number = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(auto_now=True)

    objects = PublicationManager()

    def __str__(self) -> str:
        return f"{self.version} → {self.release_id}"

    def roll_back_to(self, release: Release) -> None:
        """Serve a kept release again, until the next build is published. Raises ValueError for another's."""
        if release.version_id != self.version_id:
            raise ValueError("A release of another version cannot be served here.")
        self.release = release
        self.save(update_fields=["release", "published_at"])
