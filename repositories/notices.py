"""Notices: what needs somebody's attention, shown on pages until it is put right.

The apps above add sources in `AppConfig.ready()`: functions that look at one repository, or at one user, and say
what is wrong there. They are asked whenever a page is shown, so each does with a query or two by an index.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User

from repositories.models import Repository


@dataclass(frozen=True)
class Notice:
    """What is wrong, in a sentence, and one action against it: a link, or a button that posts to `url`."""

    text: str
    url: str = ""
    action: str = ""  # the link's or button's text
    is_post: bool = False
    #: Two words for a pill beside what the notice is about, such as "not confirmed".
    summary: str = ""
    #: Nothing is wrong: something could be better.
    is_hint: bool = False


AboutRepository = Callable[[Repository], Iterable[Notice]]
AboutUser = Callable[[User], Iterable[Notice]]

_about_repositories: list[AboutRepository] = []
_about_users: list[AboutUser] = []


def register(source: AboutRepository) -> None:
    """Ask `source` on a repository's page and settings, for those who may change it."""
    if source not in _about_repositories:
        _about_repositories.append(source)


def register_personal(source: AboutUser) -> None:
    """Ask `source` on the dashboard and the settings of the user whom it is about."""
    if source not in _about_users:
        _about_users.append(source)


def of_repository(repository: Repository) -> list[Notice]:
    return [notice for source in _about_repositories for notice in source(repository)]


def of_user(user: User) -> list[Notice]:
    return [notice for source in _about_users for notice in source(user)]
