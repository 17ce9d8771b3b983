"""Repository and Version: what is registered, and what of it is built."""

from repositories.models.repository import (
    AlreadyRegistered,
    Repository,
    RepositoryManager,
    RepositoryQuerySet,
    new_secret,
)
from repositories.models.statuses import BuildStatus, CountedBuild
from repositories.models.variable import EnvironmentVariable
from repositories.models.version import Version, VersionManager, VersionQuerySet

__all__ = [
    "AlreadyRegistered",
    "BuildStatus",
    "CountedBuild",
    "EnvironmentVariable",
    "Repository",
    "RepositoryManager",
    "RepositoryQuerySet",
    "Version",
    "VersionManager",
    "VersionQuerySet",
    "new_secret",
]
