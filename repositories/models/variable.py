"""EnvironmentVariable: what the builds of a repository are told, and no file should say."""

from django.db import models
from encrypted_fields.fields import EncryptedTextField

from repositories.models.version import Version


class EnvironmentVariableManager(models.Manager["EnvironmentVariable"]):
    def given_to(self, version: Version) -> "list[EnvironmentVariable]":
        """Those that a build of `version` gets, by name: a pull request is a stranger's, and gets no secret."""
        mine = self.filter(repository_id=version.repository_id).order_by("name")
        return list(mine.filter(is_secret=False) if version.is_pull_request else mine)


class EnvironmentVariable(models.Model):
    """All values are encrypted at rest; those of secrets are shown to nobody, and masked in logs."""

    repository = models.ForeignKey("repositories.Repository", models.CASCADE, related_name="variables")
    name = models.CharField(max_length=100)
    value = EncryptedTextField(blank=True, editable=False)
    is_secret = models.BooleanField("secret", default=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = EnvironmentVariableManager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["repository", "name"], name="variable_is_unique_in_its_repository")
        ]

    def __str__(self) -> str:
        return self.name
