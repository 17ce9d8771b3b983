"""Requests as the forges send them, and real bodies to put in them."""

import hashlib
import hmac
import json
from pathlib import Path

WEBHOOKS = Path(__file__).parent / "webhooks"
INDEX = json.loads((WEBHOOKS / "index.json").read_text())["deliveries"]
COMMIT = "5f2b9c0d1e3a4b5c6d7e8f901a2b3c4d5e6f7a8b"
REPOSITORY_ID = 4711


def hmac_of(body, secret, algorithm="sha256"):
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


def body_of(entry):
    return (WEBHOOKS / entry["file"]).read_bytes()


def forge_of(entry):
    return entry["file"].partition("/")[0]


def github_headers(event, body, secret, delivery="guid-1"):
    """Source: GitHub, "Webhook events and payloads", delivery headers."""
    headers = {
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": "292430182",
        "X-Hub-Signature": f"sha1={hmac_of(body, secret, 'sha1')}",
        "X-Hub-Signature-256": f"sha256={hmac_of(body, secret)}",
    }
    return headers | ({"X-GitHub-Delivery": delivery} if delivery else {})


def gitea_headers(event, body, secret, delivery="guid-1"):
    """Gitea and Forgejo send Gogs' and GitHub's headers besides their own."""
    headers = {"User-Agent": "Go-http-client/1.1"}
    for name in ("Gitea", "Gogs", "GitHub"):
        headers |= {f"X-{name}-Event": event, f"X-{name}-Event-Type": event, f"X-{name}-Delivery": delivery}
    for name in ("Gitea", "Gogs"):
        headers[f"X-{name}-Signature"] = hmac_of(body, secret)
    return headers | {
        "X-Hub-Signature": f"sha1={hmac_of(body, secret, 'sha1')}",
        "X-Hub-Signature-256": f"sha256={hmac_of(body, secret)}",
    }


HEADERS = {"github": github_headers, "gitea": gitea_headers, "git": github_headers}


def push(**changes):
    """A push to `main` in the shape that GitHub and Gitea share; a change to None takes the field away."""
    body = {
        "ref": "refs/heads/main",
        "before": "0" * 39 + "1",
        "after": COMMIT,
        "repository": {"id": REPOSITORY_ID, "full_name": "octo/docs", "default_branch": "main"},
        "head_commit": {"id": COMMIT, "message": "Say hello", "author": {"name": "Olivia"}},
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def pull_request(action="opened", *, number=12, commit=COMMIT, fork=True, **changes):
    """A pull request to `octo/docs` in the shape that GitHub and Gitea share; a change to None takes away."""
    told = {
        "title": "Say more",
        "user": {"login": "nora"},
        "author_association": "NONE",
        "merged": False,
        "head": {"sha": commit, "ref": "more", "repo": {"id": 815 if fork else REPOSITORY_ID}},
    }
    return {
        "action": action,
        "number": number,
        "pull_request": {name: value for name, value in (told | changes).items() if value is not None},
        "repository": {"id": REPOSITORY_ID, "full_name": "octo/docs", "default_branch": "main"},
    }


def encode(body):
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def post(client, repository, body, headers, content_type="application/json"):
    """Post `body` (bytes or an object) to the repository's own address."""
    address = f"/webhooks/{repository.webhook_id}/"
    return client.generic("POST", address, encode(body), content_type=content_type, headers=headers)


def deliver(client, repository, body, event="push", delivery="guid-1", content_type="application/json", **more):
    """Post it rightly signed; `more` headers replace those of the forge."""
    raw = encode(body)
    headers = HEADERS[repository.forge](event, raw, repository.webhook_secret, delivery)
    return post(client, repository, raw, headers | more.get("headers", {}), content_type)


def digest_of_file(entry):
    return hashlib.sha256(body_of(entry)).hexdigest()
