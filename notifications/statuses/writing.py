"""Write what is to be said of a commit, in the transaction that starts or ends its build (I5).

No "pending" is left for ever: each is followed by the end of its build, or by "error" when that build went on with
another commit. Forges know no "cancelled"; "error" is what says neither that the documentation is good nor that it
is broken.
"""

from datetime import timedelta

from builds.models import Build, State
from forges.statuses.registry import api_of
from forges.statuses.status import LONGEST_DESCRIPTION, Verdict
from notifications.mails.wording import one_line, span
from notifications.models import CommitStatus, OutgoingState
from repositories.models import Repository, Version

# A pull request's is the same for all, so that a rule of the forge may ask for it before a merge. A version's
# names the version: two branches may be at the same commit. No slug is empty, so the two never meet.
OF_PULL_REQUESTS = "yaydoc"
VERDICTS = {
    State.SUCCESS: Verdict.SUCCESS,
    State.FAILED: Verdict.FAILURE,
    State.ERROR: Verdict.ERROR,
    State.CANCELLED: Verdict.ERROR,
}
SENT_AGAIN_AT_MOST = 20  # statuses, the newest ones
OVERTAKEN = "A newer push took its place."


def record_start(build: Build) -> None:
    """Say "pending", once for a build and commit. Call it in the transaction that starts an attempt."""
    if not has_statuses(build.repository_id):
        return
    last = last_verdicts(build)
    give_up_others(build, last)
    if last.get(build.commit) != Verdict.PENDING:
        say(build, build.commit, Verdict.PENDING, "The documentation is being built.")


def record_end(build: Build) -> None:
    """Say how it ended. Of a build that is cancelled before it began, nothing was said and nothing is."""
    if not has_statuses(build.repository_id):
        return
    last = last_verdicts(build)
    give_up_others(build, last)
    if build.commit and (build.state != State.CANCELLED or build.commit in last):
        say(build, build.commit, VERDICTS[State(build.state)], description_of(build))


def has_statuses(repository_id: int) -> bool:
    """As it is now: the settings may have changed since the build was claimed."""
    repository = Repository.objects.only("forge", "forge_token").get(pk=repository_id)
    return bool(repository.forge_token) and api_of(repository.forge) is not None


def last_verdicts(build: Build) -> dict[str, str]:
    """What this build said last, of each commit."""
    return dict(CommitStatus.objects.filter(build=build).order_by("pk").values_list("commit", "verdict"))


def give_up_others(build: Build, last: dict[str, str]) -> None:
    """A build that waits for another attempt may have been pointed at a newer commit."""
    for commit, verdict in last.items():
        if commit != build.commit and verdict == Verdict.PENDING:
            say(build, commit, Verdict.ERROR, OVERTAKEN)


def say(build: Build, commit: str, verdict: Verdict, description: str) -> None:
    status = CommitStatus.objects.create(
        repository_id=build.repository_id,
        build=build,
        commit=commit,
        context=context_of(build.version),
        verdict=verdict,
        description=one_line(description, LONGEST_DESCRIPTION),
    )
    for older in CommitStatus.objects.older_than(status).queued():
        older.suppress("A newer one took its place before it was sent.")
    status.wake_on_commit()


def context_of(version: Version) -> str:
    if version.is_pull_request:
        return OF_PULL_REQUESTS
    return f"{OF_PULL_REQUESTS}/{version.slug}"


def description_of(build: Build) -> str:
    if build.state == State.SUCCESS:
        return f"The documentation was built in {span(timedelta(seconds=build.duration or 0))}."
    if build.state == State.ERROR:
        return f"Not the documentation's fault: {build.reason}"
    return build.reason or "The documentation could not be built."


def send_refused_again(repository: Repository) -> None:
    """After the owner stored another token: no "pending" is to stay because the old one had expired."""
    refused = CommitStatus.objects.filter(repository=repository, state=OutgoingState.REFUSED)
    for status in refused.order_by("-pk")[:SENT_AGAIN_AT_MOST]:
        status.send_again()
