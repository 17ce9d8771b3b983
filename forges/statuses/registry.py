"""Which module knows the commit statuses of which forge."""

from typing import Protocol

from forges.kinds import Forge
from forges.statuses import gitea, github
from forges.statuses.status import Request, Status


class API(Protocol):
    """What a module offers."""

    PERMISSION: str  # what a token must be allowed, in a sentence for people

    def token_page(self, clone_url: str) -> str:
        """Where a token is made. Raises NoSuchPlace."""

    def request(self, clone_url: str, token: str, status: Status) -> Request:
        """Raises NoSuchPlace."""


APIS: dict[str, API] = {Forge.GITHUB: github, Forge.GITEA: gitea}


def api_of(forge: str) -> API | None:
    """None: the forge has no commit statuses, or none that we know."""
    return APIS.get(forge)
