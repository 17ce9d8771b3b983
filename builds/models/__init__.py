"""Build, Delivery, PullRequest: one run of the pipeline, and what leads to it."""

from builds.models.automation import MOST_FAILURES_IN_A_ROW, Automation, Quiet, Schedule
from builds.models.build import LEASE, MAX_SETBACKS, Build
from builds.models.delivery import Delivery
from builds.models.feed_key import FeedKey
from builds.models.limits import BuildLimits
from builds.models.pull_request import PullRequest
from builds.models.requests import MAX_SUPERSEDED_IN_A_ROW, BuildManager, BuildQuerySet
from builds.models.states import COUNTED, UNFINISHED, State, Trigger
from builds.models.warning import BuildWarning, Complaint
from builds.models.watch import Watch

__all__ = [
    "COUNTED",
    "LEASE",
    "MAX_SETBACKS",
    "MAX_SUPERSEDED_IN_A_ROW",
    "MOST_FAILURES_IN_A_ROW",
    "UNFINISHED",
    "Automation",
    "Build",
    "BuildLimits",
    "BuildManager",
    "BuildQuerySet",
    "BuildWarning",
    "Complaint",
    "Delivery",
    "FeedKey",
    "PullRequest",
    "Quiet",
    "Schedule",
    "State",
    "Trigger",
    "Watch",
]
