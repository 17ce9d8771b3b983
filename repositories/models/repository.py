"""Repository: what is registered."""

import secrets
import uuid
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import IntegrityError, models, transaction
from encrypted_fields.fields import EncryptedTextField

from forges.kinds import Forge
from repositories import signals
from repositories.models.statuses import BuildStatus
from repositories.models.version import Version, VersionQuerySet
from repositories.names import RepositoryName
from repositories.public_state import AnnouncingModel, AnnouncingQuerySet
from repositories.version_rules import DEFAULT_TAGS, PATTERNS_LENGTH, Rule, check_patterns

SECRET_BYTES = 32  # of a webhook's secret


class RepositoryQuerySet(AnnouncingQuerySet["Repository"]):
    def named(self, full_name: str) -> Self:
        """Those called `owner/name`, in whatever case: one or none."""
        return self.filter(slug=full_name.lower())

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """What `user` may see: public ones, and their own."""
        public = models.Q(is_private=False)
        if not user.is_authenticated:
            return self.filter(public)
        if getattr(user, "is_staff", False):
            return self.all()
        return self.filter(public | models.Q(registrant_id=user.pk))

    def changeable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """What `user` may change: their own; staff, everything."""
        if not user.is_authenticated:
            return self.none()
        if getattr(user, "is_staff", False):
            return self.all()
        return self.filter(registrant_id=user.pk)

    def registered_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(registrant_id=user.pk)


class RepositoryManager(models.Manager.from_queryset(RepositoryQuerySet)):  # type: ignore[misc]
    @transaction.atomic
    def register(
        self,
        *,
        name: RepositoryName,
        clone_url: str,
        forge: str,
        registrant: AbstractBaseUser,
        default_branch: str = "",
        is_private: bool = False,
    ) -> "Repository":
        """A new repository with its default version; `version_added` is sent.

        An empty `default_branch` means "the remote's HEAD" and is filled in by the first checkout.
        Raises AlreadyRegistered.
        """
        try:
            with transaction.atomic():
                repository: Repository = self.create(
                    owner=name.owner,
                    name=name.name,
                    slug=name.slug,
                    clone_url=clone_url,
                    forge=forge,
                    registrant=registrant,
                    default_branch=default_branch,
                    is_private=is_private,
                )
        except IntegrityError as error:
            raise AlreadyRegistered(f"{name} is registered already.") from error
        Version.objects.add(repository=repository, name=default_branch, slug=Version.LATEST, is_default=True)
        return repository


class AlreadyRegistered(Exception):
    """A repository of that name exists."""


def new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


class Repository(AnnouncingModel):
    """A registered git repository."""

    owner = models.CharField(max_length=255)
    name = models.CharField(max_length=100)
    slug = models.CharField(max_length=356, unique=True, editable=False)  # "owner/name" in lower case
    clone_url = models.CharField("git URL", max_length=255)
    forge = models.CharField(max_length=20, choices=Forge)
    # The forge's own id of the repository; learned from the first signed delivery.
    forge_id = models.CharField("id at the forge", max_length=64, blank=True, editable=False)
    default_branch = models.CharField(max_length=255, blank=True, help_text="Empty: the remote's own default.")
    registrant = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="repositories")
    registered_at = models.DateTimeField(auto_now_add=True)

    build_status = models.CharField(
        max_length=10, choices=BuildStatus, default=BuildStatus.UNKNOWN, editable=False
    )
    status_changed_at = models.DateTimeField(null=True, editable=False)  # end of the build that set it
    mail_service = models.BooleanField(
        "mail", default=True, help_text="Mail on the first build, every failure and every change of status."
    )
    is_enabled = models.BooleanField("enabled", default=True, help_text="Off: pushes build nothing.")
    builds_pull_requests = models.BooleanField(
        "pull requests", default=False, help_text="Build a preview of each open pull request."
    )
    # What becomes a version besides the default branch; see `version_rules`.
    tag_patterns = models.CharField(
        "tags", max_length=PATTERNS_LENGTH, default=DEFAULT_TAGS, blank=True, validators=[check_patterns]
    )
    branch_patterns = models.CharField(
        "branches", max_length=PATTERNS_LENGTH, blank=True, validators=[check_patterns]
    )
    # Where `stable` leads to, unless a branch or tag has that address. Written by `Publication.objects` only.
    stable_version = models.ForeignKey("Version", models.SET_NULL, null=True, related_name="+", editable=False)
    has_version_switcher = models.BooleanField(
        "version switcher", default=True, help_text="Published pages show which versions there are."
    )
    is_private = models.BooleanField(
        "private", default=False, help_text="Pages, badge and builds are shown to the registrant only."
    )

    webhook_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook_secret = EncryptedTextField(default=new_secret, editable=False)
    # With which Yaydoc speaks to the forge; NULL: none. Written by `forge_tokens.store` only, shown to nobody.
    forge_token = EncryptedTextField(null=True, editable=False)
    last_build_number = models.PositiveIntegerField(default=0, editable=False)

    objects = RepositoryManager()

    class Meta:
        verbose_name_plural = "repositories"
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(build_status__in=BuildStatus.values),
                name="repository_build_status_is_known",
            )
        ]

    def __str__(self) -> str:
        return self.full_name

    def get_absolute_url(self) -> str:
        return f"/{self.full_name}/"

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def forge_name(self) -> str:
        """As the subject of a sentence."""
        return "the git server" if self.forge == Forge.GIT else Forge(self.forge).label

    @property
    def page_url(self) -> str:
        return f"{settings.SITE_URL}/{self.full_name}/"

    @property
    def settings_url(self) -> str:
        return f"{settings.SITE_URL}/{self.full_name}/settings/"

    @property
    def badge_url(self) -> str:
        return f"{settings.SITE_URL}/{self.full_name}.svg"

    @property
    def docs_url(self) -> str:
        return f"{settings.DOCS_URL}/{self.full_name}/"

    @property
    def webhook_url(self) -> str:
        return f"{settings.SITE_URL}/webhooks/{self.webhook_id}/"

    @property
    def version_rule(self) -> Rule:
        return Rule(branches=self.branch_patterns, tags=self.tag_patterns)

    @property
    def default_version(self) -> "Version":
        return self.versions.get(is_default=True)

    @property
    def secrets(self) -> list[str]:
        """What must never be shown, in a log or anywhere: whatever is encrypted at rest."""
        fields = (field for field in self._meta.fields if isinstance(field, EncryptedTextField))
        own = [value for field in fields if (value := getattr(self, field.name))]
        return own + [variable.value for variable in self.variables.filter(is_secret=True)]

    def next_build_number(self) -> int:
        """The next number of a build, never given twice. Call it inside a transaction."""
        Repository.objects.filter(pk=self.pk).update(last_build_number=models.F("last_build_number") + 1)
        self.refresh_from_db(fields=["last_build_number"])
        return self.last_build_number

    @transaction.atomic
    def learn_default_branch(self, name: str) -> None:
        """Store what the remote's HEAD names, for this repository and its default version, where nothing stood."""
        if not self.versions.filter(kind=Version.Kind.BRANCH, name=name).exists():
            self.versions.filter(is_default=True, name="").update(name=name)
        if Repository.objects.filter(pk=self.pk, default_branch="").update(default_branch=name):
            self.refresh_from_db(fields=["default_branch"])

    def has_version_of(self, branch: str) -> bool:
        """Whether it is built beside the default version."""
        return bool(self._versions_of(branch).active().exists())

    def _versions_of(self, branch: str) -> VersionQuerySet:
        """Besides the default one: one or none."""
        branches = Version.objects.filter(repository=self, kind=Version.Kind.BRANCH)
        others: VersionQuerySet = branches.filter(is_default=False, name=branch)
        return others

    @transaction.atomic
    def change_default_branch(self, name: str) -> None:
        """Build it as `latest` from now on; address, pages, builds and badge stay. '': what HEAD names.

        A version of its own that is switched off goes. `default_branch_changed` is sent.
        """
        # All at first: a removal locks the repository's row, which comes after those of versions.
        touched = models.Q(is_default=True) | models.Q(pk__in=self._versions_of(name))
        list(Version.objects.filter(touched, repository=self).locked(no_key=False))
        for version in self._versions_of(name):
            version.remove()
        self.versions.filter(is_default=True).update(name=name)
        self.default_branch = name
        self.save(update_fields=["default_branch"])
        signals.default_branch_changed.send(sender=Repository, repository=self)

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """With all that belongs to it; the rows of its versions first, as in `Version.remove`."""
        list(Version.objects.filter(repository=self).locked(no_key=False))
        return super().delete(*args, **kwargs)

    def renew_webhook_secret(self) -> str:
        self.webhook_secret = new_secret()
        self.save(update_fields=["webhook_secret"])
        return str(self.webhook_secret)
