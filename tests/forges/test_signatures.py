"""Signatures, by the forges' own documents."""

import pytest
from django.utils.datastructures import CaseInsensitiveMapping

from forges import git, gitea, github
from forges.pushes import Refused
from tests.webhook_requests import gitea_headers, github_headers, hmac_of

# Source: GitHub, "Validating webhook deliveries", testing the webhook payload validation
SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
DIGEST = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def refusal(reader, headers, body=BODY, secret=SECRET):
    """Why it is refused; None when it is not."""
    try:
        reader.verify(CaseInsensitiveMapping(headers), body, secret)
    except Refused as error:
        return str(error)


def test_githubs_documented_example_is_right():
    assert refusal(github, {"X-Hub-Signature-256": f"sha256={DIGEST}"}) is None


def test_gitea_signs_in_hexadecimal_without_a_prefix():
    assert refusal(gitea, {"X-Gitea-Event": "push", "X-Gitea-Signature": DIGEST}) is None
    assert refusal(gitea, {"X-Gitea-Signature": f"sha256={DIGEST}"}) == "signature invalid"


def test_githubs_signature_beside_giteas_is_not_looked_at():
    headers = gitea_headers("push", BODY, SECRET)
    assert refusal(gitea, headers | {"X-Hub-Signature-256": "sha256=wrong"}) is None
    assert refusal(gitea, headers | {"X-Gitea-Signature": "0" * 64}) == "signature invalid"


@pytest.mark.parametrize("reader", [github, git])
@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("", "signature missing"),
        (DIGEST, "signature invalid"),
        (f"sha256={DIGEST.upper()}", "signature invalid"),
        (f"SHA256={DIGEST}", "signature invalid"),
        (f"sha256={DIGEST} ", "signature invalid"),
        (f"sha256={DIGEST},sha256={'0' * 64}", "signature invalid"),
        (f"sha256={DIGEST}, sha256={DIGEST}", "signature invalid"),
        (f"sha256={'0' * 64}", "signature invalid"),
        (f"sha1={hmac_of(BODY, SECRET, 'sha1')}", "signature invalid"),
        ("md5=900150983cd24fb0d6963f7d28e17f72", "signature invalid"),
        ("sha256=ééé", "signature invalid"),
        ("sha256=\ud800", "signature invalid"),
    ],
)
def test_what_is_not_the_signature_is_refused(reader, signature, reason):
    assert refusal(reader, {"X-Hub-Signature-256": signature}) == reason


def test_sha1_is_no_signature():
    assert refusal(github, {"X-Hub-Signature": f"sha1={hmac_of(BODY, SECRET, 'sha1')}"}) == "signature missing"


@pytest.mark.parametrize("reader", [github, gitea, git])
def test_an_empty_secret_lets_nobody_in(reader):
    headers = gitea_headers("push", BODY, "") if reader is gitea else github_headers("push", BODY, "")
    assert refusal(reader, headers, secret="") == "signature invalid"


@pytest.mark.parametrize(
    ("reader", "headers"),
    [
        (github, gitea_headers("push", BODY, SECRET)),
        (github, github_headers("push", BODY, SECRET) | {"X-Gitlab-Event": "Push Hook"}),
        (github, {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": SECRET}),
        (github, {"X-Event-Key": "repo:push", "X-Hub-Signature": f"sha256={DIGEST}"}),
        (gitea, github_headers("push", BODY, SECRET)),
        (gitea, {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": SECRET}),
    ],
)
def test_another_forges_delivery_is_refused_whatever_it_is_signed_with(reader, headers):
    assert refusal(reader, headers) == "provider mismatch"


def test_plain_git_takes_what_is_signed_in_githubs_form():
    assert refusal(git, github_headers("push", BODY, SECRET)) is None
    assert refusal(git, gitea_headers("push", BODY, SECRET)) is None
