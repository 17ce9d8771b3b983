"""GitHub's deliveries.

Sources: GitHub, "Validating webhook deliveries" and "Webhook events and payloads".
"""

from forges import fields, pull_requests, refs, signatures
from forges.pushes import Body, Deletion, Event, Headers, Ignored, Malformed, Ping, Push, RefKind, Refused
from forges.skipping import asks_to_skip

SIGNATURE = "X-Hub-Signature-256"
# Headers that only others send: such a delivery is at the wrong address, whatever its signature says.
FOREIGN = ("x-gitea-", "x-gogs-", "x-forgejo-", "x-gitlab-", "x-event-key")


def verify(headers: Headers, body: bytes, secret: str) -> None:
    """Raises Refused unless `body`, as it came, is signed with `secret`. SHA-1 alone does not do."""
    if any(name.lower().startswith(FOREIGN) for name in headers):
        raise Refused("provider mismatch")
    verify_signature(headers, body, secret)


def verify_signature(headers: Headers, body: bytes, secret: str) -> None:
    expected = f"sha256={signatures.digest(body, secret)}"
    signatures.require(headers.get(SIGNATURE, ""), expected=expected, secret=secret)


def event(headers: Headers) -> str:
    """The name of the event; a signed request without one is a push that somebody's script sent."""
    return fields.line(headers.get("X-GitHub-Event") or "push", limit=100)


def delivery_id(headers: Headers) -> str:
    return fields.line(headers.get("X-GitHub-Delivery", ""), limit=100)


def parse(headers: Headers, body: Body) -> Event:
    """What a verified delivery says. Raises Malformed."""
    return parse_event(event(headers), body)


def parse_event(name: str, body: Body) -> Event:
    """The event `name` with a body in GitHub's shape, which Gitea's bodies have too. Raises Malformed."""
    repository_id = fields.identifier(fields.mapping(body, "repository"))
    if name == "push":
        return parse_push(body, repository_id)
    if name == "delete":
        return parse_deletion(body, repository_id)
    if name == "ping":
        return Ping(repository_id=repository_id)
    if name == "pull_request":
        return pull_requests.parse(body, repository_id)
    if name == "repository":
        return Ignored(reason=reason_of_repository(body), repository_id=repository_id)
    return Ignored(reason=f"event {name}", repository_id=repository_id)


def parse_push(body: Body, repository_id: str) -> Event:
    if not fields.text(body, "ref"):
        missing = [name for name in ("repository", "ref") if not body.get(name)]
        raise Malformed(f"required: {', '.join(missing)}")
    ref = refs.split(fields.text(body, "ref"))
    if ref is None:
        return Ignored(reason="not a branch or tag", repository_id=repository_id)
    kind, name = ref
    if body.get("deleted") is True or not fields.commit(body, "after"):
        return Deletion(kind=kind, name=name, repository_id=repository_id)
    head = head_commit(body)
    if asks_to_skip(fields.message(head.get("message"))):
        return Ignored(reason="skip marker", repository_id=repository_id)
    # `after` of an annotated tag is the tag itself; the commit it points at is the head.
    pointed_at = fields.commit(head, "id") if kind == RefKind.TAG and head else ""
    return Push(
        kind=kind,
        name=name,
        commit=pointed_at or fields.commit(body, "after"),
        repository_id=repository_id,
        default_branch=fields.text(fields.mapping(body, "repository"), "default_branch"),
        message=fields.message(head.get("message")),
        author=fields.line(fields.mapping(head, "author").get("name")),
    )


def head_commit(body: Body) -> Body:
    """The newest commit, where the body tells it: older Gitea sends only the list."""
    head = fields.mapping(body, "head_commit")
    commits = body.get("commits")
    if head or not isinstance(commits, list):
        return head
    return next((c for c in commits if isinstance(c, dict) and c.get("id") == body.get("after")), {})


def parse_deletion(body: Body, repository_id: str) -> Event:
    """A `delete` event: its `ref` has no prefix."""
    kind = fields.text(body, "ref_type")
    if kind not in list(RefKind):
        raise Malformed("ref_type: branch or tag is expected")
    name = refs.checked(fields.text(body, "ref"))
    return Deletion(kind=RefKind(kind), name=name, repository_id=repository_id)


def reason_of_repository(body: Body) -> str:
    """Told to people; nothing follows by itself from a renaming, a move or a change of who may see it."""
    action = fields.line(body.get("action"))
    if action == "renamed":
        return f"repository renamed to {fields.line(fields.mapping(body, 'repository').get('full_name'))}"
    return f"repository {action}"
