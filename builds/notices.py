"""What of builds needs somebody's attention."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from builds.checkouts.pages_branch import BRANCH
from builds.models import Automation, Build, PullRequest, State, Trigger, Watch
from forges.kinds import Forge
from repositories.models import Repository
from repositories.notices import Notice

TIME_TO_SET_UP = timedelta(days=1)  # before a webhook is missed
LOOKED_FOR = "Yaydoc looks for pushes itself: every 15 minutes, and less often where little is pushed."
TIME_TO_ARRIVE = timedelta(hours=1)  # of a delivery after its push


def of_waiting_pull_requests(repository: Repository) -> list[Notice]:
    if not repository.builds_pull_requests:
        return []
    count = PullRequest.objects.of(repository).waiting().count()
    if not count:
        return []
    text = "A pull request waits" if count == 1 else f"{count} pull requests wait"
    return [Notice(f"{text} for your approval.", f"{repository.get_absolute_url()}#pull-requests", "Look")]


def of_pushes(repository: Repository) -> list[Notice]:
    """What keeps pushes from being built; of a paused repository the rest does not matter."""
    if not repository.is_enabled:
        return []
    watch = Watch.objects.select_related("missed_build").filter(repository=repository).first()
    return [*of_moved_branches(repository, watch), *of_pauses(repository)] or of_silent_webhooks(repository, watch)


def of_moved_branches(repository: Repository, watch: Watch | None) -> list[Notice]:
    """The default branch is gone at the remote, as after it was given another name."""
    branch = watch.moved_to if watch else ""
    if not branch:
        return []
    gone = repository.default_branch
    text = f"There is no branch {gone} at the remote any more: its default branch is {branch} now."
    url = reverse("builds:follow-branch", args=[repository.owner, repository.name])
    return [Notice(text, url, f"Build {branch} as latest", True)]


def of_pauses(repository: Repository) -> list[Notice]:
    automation = Automation.objects.paused().filter(repository=repository).first()
    if automation is None:
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


def of_silent_webhooks(repository: Repository, watch: Watch | None) -> list[Notice]:
    """No webhook has ever come, or none for commits that are there. A plain git server may well do without."""
    last = repository.deliveries.order_by("-id").values_list("received_at", flat=True).first()
    misses = settings.WATCH and watch is not None and watch.misses_deliveries(last)
    text = without_any(repository, misses=misses) if last is None else after_some(repository, last, misses=misses)
    if not text:
        return []
    url = reverse("repositories:registered", args=[repository.owner, repository.name])
    is_choice = last is None and repository.forge == Forge.GIT
    return [Notice(text, url, "Set one up" if is_choice else "Look at the webhook", is_hint=is_choice)]


def without_any(repository: Repository, *, misses: bool) -> str:
    """What to say where no delivery has ever come; `misses`: and something was pushed."""
    if repository.forge == Forge.GIT:
        return f"{LOOKED_FOR} A webhook is quicker." if misses else ""
    if not misses and timezone.now() - repository.registered_at < TIME_TO_SET_UP:
        return ""
    text = f"{repository.forge_name} has not told of any push since the repository was registered"
    return f"{text}. {LOOKED_FOR} A webhook is quicker." if settings.WATCH else f"{text}: pushes build nothing."


def after_some(repository: Repository, last_delivery: datetime, *, misses: bool) -> str:
    """What to say where deliveries have come, and do not any more."""
    forge = repository.forge_name
    if misses:
        return (
            f"Something was pushed that {forge} has not told of. Look at the webhook's last deliveries there, and"
            f" at its address and secret. {LOOKED_FOR}"
        )
    if repository.forge == Forge.GIT or not missed_push(repository, last_delivery):
        return ""
    text = f"The last build by hand found commits that {forge} had not told of"
    return f"{text}. {LOOKED_FOR}" if settings.WATCH else f"{text}: pushes build nothing any more."


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
