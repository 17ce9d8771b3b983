"""`pull_request` deliveries, in the shape that GitHub, Gitea and Forgejo share.

Sources: GitHub, "Webhook events and payloads", pull_request; Gitea, modules/structs/hook.go, and
modules/webhook/type.go, by which a new head is announced as `pull_request`, too.
"""

from forges import fields
from forges.pushes import Body, Event, Ignored, Malformed, PullRequestAction, PullRequestEvent

ACTIONS = {
    "opened": PullRequestAction.OPENED,
    "synchronize": PullRequestAction.SYNCHRONIZED,  # GitHub
    "synchronized": PullRequestAction.SYNCHRONIZED,  # Gitea
    "reopened": PullRequestAction.REOPENED,
    "closed": PullRequestAction.CLOSED,
}


def parse(body: Body, repository_id: str) -> Event:
    """What became of a pull request. A draft is one like any other: its author wants to see the pages.

    Raises Malformed.
    """
    said = fields.text(body, "action")
    if not said:
        raise Malformed("required: action")
    action = ACTIONS.get(said)
    if action is None:
        return Ignored(reason=f"pull request {fields.line(said)}", repository_id=repository_id)
    number = fields.number(body, "number")
    pull_request = fields.mapping(body, "pull_request")
    head = fields.mapping(pull_request, "head")
    origin = fields.mapping(head, "repo")
    if not origin and action != PullRequestAction.CLOSED:
        return Ignored(reason="fork was deleted", repository_id=repository_id)
    return PullRequestEvent(
        action=action,
        number=number,
        commit=fields.commit(head, "sha") if head.get("sha") else "",
        # Both ids are the forge's own; without them it may be anybody's.
        is_from_fork=not repository_id or fields.identifier(origin) != repository_id,
        author=fields.line(fields.mapping(pull_request, "user").get("login")),
        association=fields.line(pull_request.get("author_association"), limit=30),
        title=fields.line(pull_request.get("title")),
        is_merged=pull_request.get("merged") is True,
        repository_id=repository_id,
    )
