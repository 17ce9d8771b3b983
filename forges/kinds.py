"""Which forges there are."""

from django.db.models import TextChoices


class Forge(TextChoices):
    """Where a repository lives; decides how its deliveries are verified and read."""

    GITHUB = "github", "GitHub"
    GITEA = "gitea", "Gitea or Forgejo"
    GIT = "git", "plain git"


def forge_of(host: str) -> Forge:
    """The forge that a host name suggests; a person may know better."""
    if host == "github.com" or host.startswith("github."):
        return Forge.GITHUB
    if host == "codeberg.org" or host.startswith(("gitea.", "forgejo.")):
        return Forge.GITEA
    return Forge.GIT
