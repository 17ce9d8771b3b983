"""Commit statuses at Gitea and Forgejo, whose requests are the same.

Sources: operation `repoCreateStatus` and definition `CreateStatusOption` of their API's description
(`/swagger.v1.json` of every instance; templates/swagger/v1_json.tmpl in go-gitea/gitea), routers/api/v1/api.go
there (the token's user must be able to write the code), and Gitea, "API Usage" (the header, the scopes).
"""

from forges.statuses.status import Place, Request, Status, post

PERMISSION = "A token of somebody who may write to this repository, with the scope write:repository."


def token_page(clone_url: str) -> str:
    """Where a token is made. Raises NoSuchPlace."""
    place = Place.of(clone_url)
    return f"{place.origin}{place.path}/user/settings/applications"


def request(clone_url: str, token: str, status: Status) -> Request:
    """Raises NoSuchPlace."""
    place = Place.of(clone_url)
    url = f"{place.origin}{place.path}/api/v1/repos/{place.owner}/{place.name}/statuses/{status.commit}"
    return post(url, status, {"Accept": "application/json", "Authorization": f"token {token}"})
