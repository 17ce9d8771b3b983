"""What of builds needs somebody's attention."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from builds.checkouts.pages_branch import BRANCH
from builds.models import Automation, Build, PullRequest, State, Trigger
from forges.kinds import Forge
from repositories.models import Repository
from repositories.notices import Notice

TIME_TO_SET_UP = timedelta(days=1)  # before a webhook is missed
TIME_TO_ARRIVE = timedelta(hours=1)  # of a delivery after its push


def of_waiting_pull_requests(repository: Repository) -> list[Notice]:
    if not repository.builds_pull_requests:
        return []
    count = PullRequest.objects.of(repository).waiting().count()
    if not count:
        return []
    text = "A pull request waits" if count == 1 else f"{count} pull requests wait"
    return [Notice(f"{text} for your approval.", f"{repository.get_absolute_url()}#pull-requests", "Look")]


def of_pauses(repository: Repository) -> list[Notice]:
    automation = Automation.objects.paused().filter(repository=repository).first()
    if automation is None or not repository.is_enabled:
        return []
    text = (
        f"{automation.failures_in_a_row} builds in a row have failed, so pushes build nothing any more. Building"
        " again tries the newest commit once, and pushes build again from then on."
    )
    return [Notice(text, reverse("builds:resume", args=[repository.owner, repository.name]), "Build again", True)]


def of_pages_not_pushed(repository: Repository) -> list[Notice]:
    """The last build that was published could not push its pages to the branch that its configuration names."""
    last = Build.objects.filter(version__repository=repository, version__is_default=True, state=State.SUCCESS)
    build = last.order_by("-number").first()
    fault = next((stage["fault"] for stage in build.stages if stage.get("fault")), "") if build else ""
    if not build or not fault:
        return []
    text = f"The pages were not pushed to {BRANCH}: {fault}"
    return [Notice(text, build.get_absolute_url(), "Look at the build")]


def of_silent_webhooks(repository: Repository) -> list[Notice]:
    """No webhook has ever come, or none for commits that are there. A plain git server may well do without."""
    is_young = timezone.now() - repository.registered_at < TIME_TO_SET_UP
    if is_young or not repository.is_enabled or repository.forge == Forge.GIT:
        return []
    last = repository.deliveries.order_by("-id").values_list("received_at", flat=True).first()
    forge = repository.get_forge_display()
    if last is None:
        text = f"{forge} has not told of any push since the repository was registered: pushes build nothing."
    elif missed_push(repository, last):
        text = f"The last build by hand found commits that {forge} had not told of: pushes build nothing any more."
    else:
        return []
    url = reverse("repositories:registered", args=[repository.owner, repository.name])
    return [Notice(text, url, "Look at the webhook")]


def missed_push(repository: Repository, last_delivery: datetime) -> bool:
    """Whether the newest build, by hand, has another commit than the one before, and nothing came since that."""
    builds = Build.objects.filter(version__repository=repository, version__is_default=True).order_by("-number")
    pair = list(builds[:2])
    if len(pair) < 2:
        return False
    newest, before = pair
    return (
        newest.trigger == Trigger.PERSON
        and bool(newest.commit and before.commit)
        and newest.commit != before.commit
        and last_delivery < before.requested_at
        and timezone.now() - newest.requested_at > TIME_TO_ARRIVE
    )
