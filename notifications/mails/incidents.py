"""An incident: the failed builds of a version in a row, from the first one to the one that fixes it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min

from builds.models import Build, State
from notifications.mails.rules import FAILURES
from notifications.models import Mail


@dataclass(frozen=True)
class Incident:
    """`failures` in a row, of which build number `first` was the first and ended at `since`."""

    first: int
    failures: int
    since: datetime
    after: int = 0  # the number of the success before it


def incident_at(build: Build) -> Incident | None:
    """The failures in a row that end with `build`, or that it fixes; None: there are none. Two queries.

    Reckoned in the order of the builds' numbers, as everything that is told of a version.
    """
    version = Build.objects.counted().filter(version_id=build.version_id)
    earlier = version.filter(number__lt=build.number, state=State.SUCCESS)
    last_success = earlier.aggregate(number=Max("number"))["number"] or 0
    facts = version.filter(state=State.FAILED, number__gt=last_success, number__lte=build.number).aggregate(
        first=Min("number"), failures=Count("pk"), since=Min("finished_at")
    )
    if not facts["failures"]:
        return None
    return Incident(**facts, after=last_success)


def root_of(build: Build, incident: Incident) -> int | None:
    """The number of the build whose mail the incident's others answer to: the first that was told. One query.

    That is the first failure, unless mail was off then, or its result came later than that of a newer build.
    Read from the oldest mail that is left: the first may be gone after `retention.KEPT`. None: a repair of what
    was never told.
    """
    told = Mail.objects.filter(
        build__version_id=build.version_id, build__number__gt=incident.after, event__in=FAILURES
    )
    first: int | None = told.order_by("pk").values_list("facts__root", flat=True).first()
    return first or (build.number if build.state == State.FAILED else None)
