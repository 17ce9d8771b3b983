"""Which module reads the deliveries of which forge."""

from typing import Protocol

from forges import git, gitea, github
from forges.kinds import Forge
from forges.pushes import Body, Event, Headers

SIGNATURES = frozenset({github.SIGNATURE, gitea.SIGNATURE})  # the headers that a signature may be in


class Reader(Protocol):
    """What a forge's module offers for deliveries."""

    def verify(self, headers: Headers, body: bytes, secret: str) -> None:
        """Raises Refused. Called first, before anything of the body is looked at."""

    def event(self, headers: Headers) -> str:
        """The event's name, for people."""

    def delivery_id(self, headers: Headers) -> str:
        """What names this delivery, also when it is sent again; empty when the forge says nothing."""

    def parse(self, headers: Headers, body: Body) -> Event:
        """Raises Malformed."""


READERS: dict[str, Reader] = {Forge.GITHUB: github, Forge.GITEA: gitea, Forge.GIT: git}


def reader_of(forge: str) -> Reader:
    """By the forge that is stored with the repository, never by what a request says of itself."""
    return READERS[forge]
