"""The requests that make a commit status, as the forges document them."""

import pytest

from forges.kinds import Forge
from forges.statuses import gitea, github
from forges.statuses.registry import api_of
from forges.statuses.status import NoSuchPlace, Status, Verdict

SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
# The example of GitHub, "Create a commit status"; Gitea's definition CreateStatusOption names the same four.
BODY = (
    b'{"state":"success","target_url":"https://example.com/build/status",'
    b'"description":"The build succeeded!","context":"continuous-integration/jenkins"}'
)


def status(**changes):
    documented = {
        "commit": SHA,
        "verdict": Verdict.SUCCESS,
        "context": "continuous-integration/jenkins",
        "description": "The build succeeded!",
        "target_url": "https://example.com/build/status",
    }
    return Status(**documented | changes)


def test_githubs_request_is_the_one_of_its_documentation():
    request = github.request("https://github.com/octocat/Hello-World.git", "<YOUR-TOKEN>", status())

    assert (request.method, request.url) == (
        "POST",
        f"https://api.github.com/repos/octocat/Hello-World/statuses/{SHA}",
    )
    assert request.headers == {
        "Accept": "application/vnd.github+json",
        "Authorization": "Bearer <YOUR-TOKEN>",
        "X-GitHub-Api-Version": "2022-11-28",
        "Content-Type": "application/json",
        "User-Agent": "Yaydoc",
    }
    assert request.body == BODY


def test_giteas_request_is_the_one_of_its_description():
    request = gitea.request("https://codeberg.org/octo/docs.git", "65eaa9c8ef52460d22a9", status())

    assert (request.method, request.url) == (
        "POST",
        f"https://codeberg.org/api/v1/repos/octo/docs/statuses/{SHA}",
    )
    assert request.headers == {
        "Accept": "application/json",
        "Authorization": "token 65eaa9c8ef52460d22a9",
        "Content-Type": "application/json",
        "User-Agent": "Yaydoc",
    }
    assert request.body == BODY


@pytest.mark.parametrize(
    ("api", "clone_url", "address"),
    [
        (github, "https://github.com/octo/docs", "https://api.github.com/repos/octo/docs"),
        (github, "https://www.github.com/octo/docs.git", "https://api.github.com/repos/octo/docs"),
        (github, "https://octo.ghe.com/octo/docs", "https://api.octo.ghe.com/repos/octo/docs"),
        (github, "https://github.example.org/octo/docs", "https://github.example.org/api/v3/repos/octo/docs"),
        (github, "http://github.lan:8080/o/d.git", "http://github.lan:8080/api/v3/repos/o/d"),
        (gitea, "https://gitea.com/octo/docs.git", "https://gitea.com/api/v1/repos/octo/docs"),
        (gitea, "https://example.org/git/octo/d.git", "https://example.org/git/api/v1/repos/octo/d"),
        (gitea, "https://example.org/a/b/octo/d", "https://example.org/a/b/api/v1/repos/octo/d"),
        (gitea, "https://[2001:db8::1]:3000/o/d", "https://[2001:db8::1]:3000/api/v1/repos/o/d"),
        (gitea, "https://example.org/o/a%20b+c.git.git", "https://example.org/api/v1/repos/o/a%20b%2Bc.git"),
    ],
)
def test_the_address_follows_from_the_clone_url(api, clone_url, address):
    assert api.request(clone_url, "t", status()).url == f"{address}/statuses/{SHA}"


@pytest.mark.parametrize(
    ("api", "clone_url"),
    [
        (github, "https://github.com/docs"),
        (github, "https://github.com/a/b/c"),
        (github, "file:///srv/git/octo/docs.git"),
        (gitea, "https://gitea.com/docs"),
        (gitea, "file:///srv/git/octo/docs.git"),
    ],
)
def test_a_clone_url_that_is_none_of_the_forge_is_refused_in_words(api, clone_url):
    with pytest.raises(NoSuchPlace, match="git URL"):
        api.request(clone_url, "t", status())


@pytest.mark.parametrize("api", [github, gitea])
def test_text_of_any_language_and_quotes_arrive_as_they_are(api):
    body = api.request("https://example.org/o/d", "t", status(description='Größe "x" \\ ✓')).body

    assert '"description":"Größe \\"x\\" \\\\ ✓"'.encode() in body


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("api", [github, gitea])
def test_a_verdict_is_said_in_the_forges_words(api, verdict):
    words = {"pending", "success", "failure", "error"}  # both APIs' enumerations; Gitea has "warning" besides

    assert verdict in words
    assert (
        f'"state":"{verdict}"'.encode()
        in api.request("https://example.org/o/d", "t", status(verdict=verdict)).body
    )


@pytest.mark.parametrize(
    ("api", "clone_url", "page"),
    [
        (github, "https://github.com/octo/docs", "https://github.com/settings/personal-access-tokens/new"),
        (github, "https://git.acme.org/o/d", "https://git.acme.org/settings/personal-access-tokens/new"),
        (gitea, "https://codeberg.org/octo/docs", "https://codeberg.org/user/settings/applications"),
        (gitea, "https://example.org/git/octo/docs", "https://example.org/git/user/settings/applications"),
    ],
)
def test_a_token_is_made_at_the_forges_own_page(api, clone_url, page):
    assert api.token_page(clone_url) == page


@pytest.mark.parametrize("api", [github, gitea])
def test_a_requests_representation_does_not_tell_the_token(api):
    assert "s3cret-t0ken" not in repr(api.request("https://example.org/o/d", "s3cret-t0ken", status()))


def test_a_forge_without_statuses_has_no_api():
    assert {forge: api_of(forge) for forge in Forge} == {
        Forge.GITHUB: github,
        Forge.GITEA: gitea,
        Forge.GIT: None,
    }
