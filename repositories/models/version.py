"""Version: what of a repository is built, and the only writer of a build status."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from repositories import signals
from repositories.models.statuses import BuildStatus, CountedBuild
from repositories.names import marked_slug, version_slug
from repositories.version_rules import MAX_VERSIONS

if TYPE_CHECKING:
    from repositories.models.repository import Repository


class VersionQuerySet(models.QuerySet["Version"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def locked(self, *, no_key: bool = True) -> Self:
        """Their rows, in one order, until the transaction ends.

        Nothing else: with the default order PostgreSQL would lock the repository's as well, which comes later.
        """
        return self.order_by("pk").select_for_update(of=("self",), no_key=no_key)

    def branches_and_tags(self) -> Self:
        return self.exclude(kind=Version.Kind.PULL_REQUEST)

    def shown(self) -> Self:
        """What readers may be told of, if it has pages: nothing that is hidden, or gone at the forge."""
        return self.branches_and_tags().filter(is_hidden=False, retired_at=None)

    def at(self, slug: str) -> "Version | None":
        """The one of these that an address of one repository names, by its slug or as `stable`."""
        named = models.Q(slug=slug)
        if slug == Version.STABLE:
            named |= models.Q(pk=models.F("repository__stable_version"))
        return self.filter(named).order_by(models.Case(models.When(slug=slug, then=0), default=1)).first()

    def listed(self) -> Self:
        """What a repository's page shows: no pull requests, nothing hidden, the default version first."""
        return self.shown().active().order_by("-is_default", "name")


class VersionManager(models.Manager.from_queryset(VersionQuerySet)):  # type: ignore[misc]
    @transaction.atomic
    def add(self, **fields: Any) -> "Version":
        """A new version, with a slug made from its name unless one is given; `version_added` is sent."""
        version: Version = self.create(**fields)
        signals.version_added.send(sender=Version, version=version)
        return version

    def track(self, repository: "Repository", kind: str, name: str) -> "Version | None":
        """What is pushed from now on as this branch or tag is built: a new version, or one that was retired.

        For whoever asks for the build of the pushed commit: `version_added` is not sent. None where a person
        switched the version off, another has its address, or the repository has as many as it may.
        """
        for _ in range(2):  # of two that come at a time the second finds its address taken, and then gets another
            known: Version | None = self.filter(repository=repository, kind=kind, name=name).first()
            if known:
                return known if known.is_active or known.take_up_again() else None
            if self.is_full(repository):
                return None
            with suppress(IntegrityError), transaction.atomic():
                version: Version = self.create(repository=repository, kind=kind, name=name)
                return version
        return None

    def slug_for(self, repository: "Repository", kind: str, name: str) -> str:
        """A branch and a tag of one name would have one address: whichever comes second, its own is marked."""
        slug = version_slug(name)
        is_taken = self.filter(repository=repository, slug=slug).exclude(kind=kind, name=name).exists()
        return marked_slug(name, kind) if is_taken else slug

    def is_full(self, repository: "Repository") -> bool:
        return bool(self.filter(repository=repository).branches_and_tags().count() >= MAX_VERSIONS)


class Version(models.Model):
    """A branch or tag that is built and published under its own path."""

    LATEST = "latest"  # the slug of the default version
    STABLE = "stable"  # leads to the highest published release, unless a branch or tag has this slug

    class Kind(models.TextChoices):
        BRANCH = "branch"
        TAG = "tag"
        PULL_REQUEST = "pull request"

    repository = models.ForeignKey("Repository", models.CASCADE, related_name="versions")
    name = models.CharField(max_length=255, blank=True)  # as git knows it, without refs/heads/ or refs/tags/
    slug = models.CharField(max_length=100)  # its segment in the docs' address
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.BRANCH)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField("active", default=True, help_text="Off: it is built no more. Its pages stay.")
    is_hidden = models.BooleanField(
        "hidden", default=False, help_text="On: built and published, but in no list and no feed."
    )
    # When its branch or tag was found to be gone; a push of it takes it up again. NULL as well where a person
    # switched it off.
    retired_at = models.DateTimeField("retired", null=True, editable=False)

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
        return f"{self.repository.full_name} {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = Version.objects.slug_for(self.repository, self.kind, self.name)
        super().save(*args, **kwargs)

    @property
    def docs_url(self) -> str:
        return f"{self.repository.docs_url}{self.slug}/"

    @property
    def is_pull_request(self) -> bool:
        return self.kind == self.Kind.PULL_REQUEST

    @property
    def is_closed(self) -> bool:
        """A pull request that is closed: it is not built, and has no pages."""
        return self.is_pull_request and not self.is_active

    @property
    def title(self) -> str:
        """For people, in one line of text: `latest (main)`, `v1.0`, `pr-12`."""
        return f"{self.label} ({self.aside})" if self.aside else self.label

    @property
    def label(self) -> str:
        """What it is called: the default one and pull requests by their slug, any other as git calls it."""
        return self.slug if self.is_default or self.is_pull_request else self.name or self.slug

    @property
    def aside(self) -> str:
        """What is said beside that: the default one's branch; of a branch and a tag of one name, what this is."""
        if self.is_default:
            return self.name if self.name != self.slug else ""
        return self.kind if self.name and self.slug == marked_slug(self.name, self.kind) else ""

    @transaction.atomic
    def retire(self) -> bool:
        """Its branch or tag is gone: it is built no more. False: that was so, or it is the default one."""
        return self._stop(retired_at=Now())

    @transaction.atomic
    def take_up_again(self) -> bool:
        """Its branch or tag is there again. False where it was not retired, such as after a person's hand."""
        retired = Version.objects.filter(pk=self.pk, is_active=False, retired_at__isnull=False)
        return self._changed(retired.update(is_active=True, retired_at=None))

    @transaction.atomic
    def switch_on(self) -> bool:
        """Build it from now on, by a person's wish; `version_added` is sent. False: it was on."""
        inactive = Version.objects.filter(pk=self.pk, is_active=False)
        is_new = self._changed(inactive.update(is_active=True, retired_at=None))
        if is_new:
            signals.version_added.send(sender=Version, version=self)
        return is_new

    @transaction.atomic
    def switch_off(self) -> bool:
        """Build it no more, whatever is pushed, by a person's wish; its pages stay. False: it was off."""
        return self._stop(retired_at=None)

    @transaction.atomic
    def hide(self, is_hidden: bool) -> bool:
        """Take it off all lists, or put it on them again. False: that was so, or it is the default version."""
        others = Version.objects.filter(pk=self.pk, is_default=False).exclude(is_hidden=is_hidden)
        return self._changed(others.update(is_hidden=is_hidden))

    @transaction.atomic
    def remove(self) -> bool:
        """Delete it with its pages, builds and logs. False: the default version goes with its repository only."""
        # Its own row first, as a build does that ends meanwhile: else each waits for the other.
        Version.objects.filter(pk=self.pk).locked(no_key=False).first()
        count, _ = Version.objects.filter(pk=self.pk, is_default=False).delete()
        if count:
            signals.versions_changed.send(sender=Version, repository_id=self.repository_id)
        return bool(count)

    def _stop(self, **fields: Any) -> bool:
        active = Version.objects.active().filter(pk=self.pk, is_default=False)
        count = active.update(is_active=False, **fields)
        if count:
            signals.version_stopped.send(sender=Version, version=self)
        return self._changed(count)

    def _changed(self, count: int) -> bool:
        if count:
            self.refresh_from_db(fields=["is_active", "is_hidden", "retired_at"])
            signals.versions_changed.send(sender=Version, repository_id=self.repository_id)
        return bool(count)

    def record_result(self, build: CountedBuild) -> None:
        """Store what a counted build says of this version and, for the default one, of its repository.

        The only writer of a `build_status`. Sends `build_result_recorded`. A build that is older than the one
        which set the status changes nothing, but is announced all the same. Call it inside the transaction
        that ends the build.
        """
        version = Version.objects.locked().select_related("repository").get(pk=self.pk)
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
