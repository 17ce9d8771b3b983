"""The tasks that a worker wakes up to."""

from django_tasks import task

from builds import pipeline, watching
from builds.models import Build


@task(queue_name="builds")
def run_build(build_id: int) -> None:
    """Run one build, if it still waits. The task may be lost or doubled without harm: the row is the truth."""
    build = Build.objects.queued().filter(pk=build_id).first()
    if build and build.claim():
        pipeline.run(build)


@task(queue_name="looks")
def look_at_remotes() -> None:
    """Look at what is due. The task may be lost or doubled without harm: the rows are the truth."""
    watching.look_at_due()
