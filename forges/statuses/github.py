"""Commit statuses at GitHub, and at GitHub Enterprise.

Sources: GitHub, "REST API endpoints for commit statuses" (Create a commit status) and "Getting started with the
REST API" (headers, addresses); operation `repos/create-commit-status` of
https://github.com/github/rest-api-description; GitHub, "Managing enterprise accounts" (GHE.com's address).
"""

from forges.statuses.status import NoSuchPlace, Place, Request, Status, post

HOSTS = frozenset({"github.com", "www.github.com"})
API_VERSION = "2022-11-28"  # known to Enterprise Server from 3.9 on, too

PERMISSION = (
    "A fine-grained token for this repository with “Commit statuses: read and write”, and for gh-pages also with "
    "“Contents: read and write”; or a classic one with the scope repo:status, or repo for all of it."
)


def token_page(clone_url: str) -> str:
    """Where a token is made. Raises NoSuchPlace."""
    return f"{Place.of(clone_url).origin}/settings/personal-access-tokens/new"


def request(clone_url: str, token: str, status: Status) -> Request:
    """Raises NoSuchPlace."""
    place = Place.of(clone_url)
    if place.path:
        raise NoSuchPlace("The git URL of a repository at GitHub has two parts after the host: /owner/name.")
    return post(
        f"{api(place)}/repos/{place.owner}/{place.name}/statuses/{status.commit}",
        status,
        {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": API_VERSION,
        },
    )


def api(place: Place) -> str:
    """The address that all of the API's begin with."""
    if place.host in HOSTS:
        return "https://api.github.com"
    if place.host.endswith(".ghe.com"):
        return f"https://api.{place.host}"
    return f"{place.origin}/api/v3"
