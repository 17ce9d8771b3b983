"""Version: what of a repository is built, and the only writer of a build status."""

from typing import Any, Self

from django.db import models, transaction

from repositories import signals
from repositories.models.statuses import BuildStatus, CountedBuild
from repositories.names import version_slug


class VersionQuerySet(models.QuerySet["Version"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def branches_and_tags(self) -> Self:
        return self.exclude(kind=Version.Kind.PULL_REQUEST)

    def listed(self) -> Self:
        """What a repository's page shows: no pull requests, the default version first."""
        return self.branches_and_tags().active().order_by("-is_default", "name")


class VersionManager(models.Manager.from_queryset(VersionQuerySet)):  # type: ignore[misc]
    @transaction.atomic
    def add(self, **fields: Any) -> "Version":
        """A new version, with a slug made from its name unless one is given; `version_added` is sent."""
        version: Version = self.create(**fields)
        signals.version_added.send(sender=Version, version=version)
        return version


class Version(models.Model):
    """A branch or tag that is built and published under its own path."""

    LATEST = "latest"  # the slug of the default version

    class Kind(models.TextChoices):
        BRANCH = "branch"
        TAG = "tag"
        PULL_REQUEST = "pull request"

    repository = models.ForeignKey("Repository", models.CASCADE, related_name="versions")
    name = models.CharField(max_length=255, blank=True)  # as git knows it, without refs/heads/ or refs/tags/
    slug = models.CharField(max_length=100)  # its segment in the docs' address
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.BRANCH)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    build_status = models.CharField(
        max_length=10, choices=BuildStatus, default=BuildStatus.UNKNOWN, editable=False
    )
    status_build_number = models.PositiveIntegerField(default=0, editable=False)  # of the build that set it
    status_changed_at = models.DateTimeField(null=True, editable=False)

    objects = VersionManager()

    class Meta:
        ordering = ["repository", "-is_default", "name"]
        constraints = [
            models.UniqueConstraint(fields=["repository", "slug"], name="version_slug_is_unique"),
            models.UniqueConstraint(fields=["repository", "kind", "name"], name="version_name_is_unique"),
            models.UniqueConstraint(
                fields=["repository"], condition=models.Q(is_default=True), name="one_default_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.repository.full_name} ({self.title})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = version_slug(self.name)
        super().save(*args, **kwargs)

    @property
    def docs_url(self) -> str:
        return f"{self.repository.docs_url}{self.slug}/"

    @property
    def is_pull_request(self) -> bool:
        return self.kind == self.Kind.PULL_REQUEST

    @property
    def title(self) -> str:
        """For people: what git calls it, or its slug where that is unknown or a bare number."""
        return self.slug if self.is_pull_request else self.name or self.slug

    def record_result(self, build: CountedBuild) -> None:
        """Store what a counted build says of this version and, for the default one, of its repository.

        The only writer of a `build_status`. Sends `build_result_recorded`. A build that is older than the one
        which set the status changes nothing, but is announced all the same. Call it inside the transaction
        that ends the build.
        """
        version = Version.objects.select_for_update(of=("self",)).select_related("repository").get(pk=self.pk)
        repository = version.repository
        old_status, is_first = BuildStatus(version.build_status), version.status_build_number == 0
        is_stale = version.status_build_number > build.number
        if not is_stale:
            version.build_status, version.status_changed_at = build.status, build.finished_at
            version.status_build_number = build.number
            version.save(update_fields=["build_status", "status_changed_at", "status_build_number"])
        if version.is_default and not is_stale:
            repository.build_status, repository.status_changed_at = build.status, build.finished_at
            repository.save(update_fields=["build_status", "status_changed_at"])
        signals.build_result_recorded.send_robust(
            sender=Version,
            repository=repository,
            version=version,
            build=build,
            old_status=old_status,
            new_status=build.status,
            is_first=is_first,
            is_stale=is_stale,
        )
