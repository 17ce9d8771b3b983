"""BuildLimits: what a repository's builds may take, within what the operator allows."""

from django.conf import settings
from django.db import models

from repositories.models import Repository

SHORTEST = 30  # seconds; no environment is made in less
LEAST_MEMORY = 256  # MiB; Sphinx alone takes half of it


class BuildLimitsManager(models.Manager["BuildLimits"]):
    def of(self, repository: Repository) -> "BuildLimits":
        """Those of one repository; while nobody has changed any, the operator's, which are not stored."""
        return self.filter(repository=repository).first() or BuildLimits(repository=repository)


class BuildLimits(models.Model):
    """Rows are made when somebody changes a default. It may be more than is allowed by now."""

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="build_limits")
    timeout = models.PositiveIntegerField(
        "time", null=True, blank=True, help_text="Seconds, of a whole build. Empty: the operator's."
    )
    memory = models.PositiveIntegerField(
        null=True, blank=True, help_text="MiB, of all processes of a build together. Empty: the operator's."
    )

    objects = BuildLimitsManager()

    class Meta:
        verbose_name = verbose_name_plural = "limits of builds"

    def __str__(self) -> str:
        return f"Limits of {self.repository.full_name}"

    @property
    def seconds_in_force(self) -> int:
        return min(self.timeout or settings.BUILD_TIMEOUT, settings.BUILD_TIMEOUT_MOST)

    @property
    def memory_in_force(self) -> int:
        """MiB."""
        return min(self.memory or settings.BUILD_MEMORY, settings.BUILD_MEMORY_MOST)
