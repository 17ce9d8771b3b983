"""What a call says: JSON of one schema for each type, `docs/outgoing-webhooks.schema.json`."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.utils import timezone

from builds.models import Build
from notifications.hooks.events import CallType
from repositories.models import BuildStatus, Repository

SCHEMA = 1  # counted up when a field goes or changes its meaning; new fields may come at any time
MESSAGE_LENGTH = 2_000  # characters of a commit's message, so that a payload stays small whatever it says
REASON_LENGTH = 2_000


@dataclass(frozen=True)
class StatusChange:
    """A version's status before and after an event; the same twice where it doesn't count, or came late."""

    before: BuildStatus
    after: BuildStatus

    @classmethod
    def none(cls, build: Build) -> Self:
        """What a build does that isn't counted, or has only started."""
        status = BuildStatus(build.version.build_status)
        return cls(status, status)


def of_build(type: CallType, build: Build, change: StatusChange) -> str:
    happened = build.finished_at if type == CallType.FINISHED else build.started_at
    data = {
        "repository": repository_facts(build.repository),
        "version": {
            "name": build.version.name,
            "slug": build.version.slug,
            "kind": build.version.kind,
            "is_default": build.version.is_default,
            "docs_url": build.version.docs_url,
        },
        "build": build_facts(build),
        "commit": {
            "id": build.commit,
            "message": build.message[:MESSAGE_LENGTH],
            "author": build.author,
        },
        "status": {"before": change.before, "after": change.after},
    }
    return written(type, happened or timezone.now(), data)


def of_test(repository: Repository) -> str:
    return written(CallType.TEST, timezone.now(), {"repository": repository_facts(repository)})


def repository_facts(repository: Repository) -> dict[str, Any]:
    return {
        "full_name": repository.full_name,
        "is_private": repository.is_private,
        "url": repository.page_url,
        "docs_url": repository.docs_url,
        "badge_url": repository.badge_url,
    }


def build_facts(build: Build) -> dict[str, Any]:
    return {
        "number": build.number,
        "state": build.state,
        "trigger": build.trigger,
        "reason": build.reason[:REASON_LENGTH],
        "hint": build.hint[:REASON_LENGTH],
        "duration": build.duration,
        "requested_at": moment(build.requested_at),
        "started_at": moment(build.started_at),
        "finished_at": moment(build.finished_at),
        "url": build.page_url,
        "log_url": build.log_url,
    }


def moment(time: datetime | None) -> str | None:
    """ISO 8601, in UTC."""
    return time.isoformat().replace("+00:00", "Z") if time else None


def written(type: CallType, happened: datetime, data: dict[str, Any]) -> str:
    """Without a space, and in ASCII, so that no store and no receiver sees other bytes than were signed."""
    payload = {"type": type, "timestamp": moment(happened), "schema": SCHEMA, "data": data}
    return json.dumps(payload, separators=(",", ":"))
