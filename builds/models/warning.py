"""BuildWarning: one thing that the renderer of a build complained of, and whether the build before did not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models, transaction

from builds.models.build import Build
from builds.models.states import State
from repositories.models import Version

LONGEST_FILE, LONGEST_KIND = 300, 60  # characters


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """A warning as it was reported; `file` is relative to the checkout, "" where there is none."""

    level: str
    kind: str
    file: str
    line: int | None
    text: str


class BuildWarningManager(models.Manager["BuildWarning"]):
    @transaction.atomic
    def record(self, build: Build, complaints: Sequence[Complaint], total: int) -> bool:
        """Store what a render said, in the place of what this build's render before said.

        `total` counts also those that are too many to store. False, with nothing stored: this attempt was given
        up on.
        """
        before = base_of(build)
        known = Counter(before.warnings.values_list("level", "kind", "file", "text")) if before else Counter()
        # Where not all of the others are known, none can be told to be new.
        is_comparable = before is not None and before.warning_count == known.total()
        rows = []
        for one in complaints:
            key = (one.level, one.kind, one.file, one.text)
            is_new = is_comparable and known[key] <= 0
            known[key] -= 1
            rows.append(BuildWarning(build=build, is_new=is_new, **vars(one)))
        counts = {
            "warning_count": total,
            "new_warning_count": sum(row.is_new for row in rows) if is_comparable else None,
        }
        if not build.record(**counts):
            return False
        self.filter(build=build).delete()
        self.bulk_create(rows)
        return True


class BuildWarning(models.Model):
    """Lines are not compared: what only moved is not new."""

    class Level(models.TextChoices):
        WARNING = "warning"
        ERROR = "error"

    build = models.ForeignKey(Build, models.CASCADE, related_name="warnings")
    level = models.CharField(max_length=10, choices=Level, default=Level.WARNING)
    kind = models.CharField(max_length=LONGEST_KIND, blank=True)  # as the renderer calls it, such as "ref.doc"
    file = models.CharField(max_length=LONGEST_FILE, blank=True)  # relative to the checkout
    line = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField()
    is_new = models.BooleanField(default=False)

    objects = BuildWarningManager()

    class Meta:
        ordering = ["-is_new", "id"]

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.text}" if place else self.text


def base_of(build: Build) -> Build | None:
    """The build whose warnings are the old ones: the version's last success before this one.

    For a pull request that has none yet it is the default version's.
    """
    successes = Build.objects.filter(state=State.SUCCESS, number__lt=build.number, warning_count__isnull=False)
    of_version: Build | None = successes.filter(version_id=build.version_id).order_by("-number").first()
    if of_version or build.version.kind != Version.Kind.PULL_REQUEST:
        return of_version
    of_default = successes.filter(repository_id=build.repository_id, version__is_default=True)
    newest: Build | None = of_default.order_by("-number").first()
    return newest
