"""What of builds needs somebody's attention."""

from builds.models import PullRequest
from repositories.models import Repository
from repositories.notices import Notice


def of_waiting_pull_requests(repository: Repository) -> list[Notice]:
    if not repository.builds_pull_requests:
        return []
    count = PullRequest.objects.of(repository).waiting().count()
    if not count:
        return []
    text = "A pull request waits" if count == 1 else f"{count} pull requests wait"
    return [Notice(f"{text} for your approval.", f"{repository.get_absolute_url()}#pull-requests", "Look")]
