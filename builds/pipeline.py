"""The way of a build: checkout, configuration, environment, render, publish, finish."""

import logging
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

from builds import locks, places, retention, sandbox
from builds.checkouts.checkout import Checkout, check_out
from builds.checkouts.pages_branch import BRANCH, NotPushed, push_pages
from builds.checkouts.submodules import check_out_submodules
from builds.checkouts.subprojects import check_out_subprojects
from builds.configuration.config import Config, PagesBranch
from builds.configuration.reading import read_config
from builds.detection.plans import Plan, find_docs, folder_of_pages
from builds.errors import (
    BuildCancelled,
    BuildError,
    BuildFailed,
    DiskFull,
    FencedOut,
    RefMissing,
    WorkerStopping,
)
from builds.execution import Execution
from builds.heartbeat import Heartbeat
from builds.logs import LogWriter
from builds.masking import masked
from builds.models import MAX_SETBACKS, Build, State, Trigger
from builds.rendering.absences import absences
from builds.rendering.assumptions import assumptions
from builds.rendering.building import Built, build_pages
from builds.rendering.environment import prepare_environment
from builds.rendering.lines import Lines
from builds.rendering.pythons import choose_interpreter
from builds.rendering.uncounted import uncounted
from builds.stages import Stage
from forges.skipping import asks_to_skip
from pages.formats import FORMATS
from pages.models import Release
from pages.releases import OutputRefused, count_pages, store

logger = logging.getLogger(__name__)

WAITS = (timedelta(seconds=10), timedelta(minutes=1))  # before the second and the third attempt
TREE_IS_FREE_WITHIN = 10  # seconds; an attempt that was given up on notices within one


def run(build: Build) -> None:
    """Take a claimed build to its end, whatever happens on the way."""
    try:
        directory = sandbox.build_directory()
    except BuildError as error:  # there is no sandbox: another attempt would not find one either
        build.finish(State.ERROR, str(error))
        return
    began, scratch = time.monotonic(), directory / "scratch" / f"{build.pk}-{build.attempt}"
    folders = [places.source(build.version), directory]
    writer = LogWriter(build, secrets=build.repository.secrets, folders=folders)
    with Heartbeat(build) as heartbeat, writer as log:
        try:
            scratch.mkdir(parents=True, exist_ok=True)
            execution = Execution(build, log, heartbeat, scratch)
            with only_one_in_the_tree(build):
                release = produce(execution)
            end(build, log, State.SUCCESS, release=release, duration=execution.seconds)
        except FencedOut:
            logger.warning("%s: attempt %d was given up on", build, build.attempt)
        except BuildCancelled as error:
            reason = "A newer push took its place." if build.was_superseded() else str(error) or "Cancelled."
            end(build, log, State.CANCELLED, reason, duration=time.monotonic() - began)
        except BuildFailed as error:
            duration = time.monotonic() - began
            end(build, log, State.FAILED, error.reason, hint=error.hint, duration=duration)
            if isinstance(error, RefMissing) and build.is_finished:  # else it was given up on
                build.retire_version()
        except WorkerStopping:
            build.requeue(reason="The worker was stopped.", is_setback=False)
        except DiskFull as error:
            retention.make_room(build)
            set_back(build, log, str(error))
        except BuildError as error:
            set_back(build, log, str(error))
        except Exception as error:
            logger.exception("%s: a fault of ours", build)
            set_back(build, log, f"Yaydoc itself failed: {type(error).__name__}.")
        finally:
            sandbox.remove(scratch)


def produce(execution: Execution) -> Release:
    """Commit in, release out. Raises BuildFailed and BuildError.

    A build that fails on top of what others left is repeated from nothing, and only that one counts.
    """
    is_clean = execution.build.is_clean
    try:
        return produce_once(execution, clean=is_clean)
    except BuildFailed as failed:
        if is_clean or not failed.may_be_of_reuse:
            raise
        execution.say(f"── {failed.reason}")
        execution.say(
            "── That was on top of what earlier builds left: once more from nothing, and only that counts."
        )
        return produce_once(execution, clean=True)
    finally:
        execution.let_go()


def produce_once(execution: Execution, *, clean: bool) -> Release:
    """`clean`: without the kept tree, doctrees and environment of the version."""
    build = execution.build
    if clean:
        execution.say("Nothing that earlier builds left is used, but the mirror of the repository.")
        sandbox.remove(places.version_directory(build.version))
    with execution.stage(Stage.CHECKOUT) as stage:
        stage.reused = places.git_mirror(build.repository_id).is_dir()
        checkout = check_out(execution, build.repository, build.version, build.commit)
        execution.learn_commit(checkout.commit, checkout.message, checkout.author)
        if build.trigger == Trigger.WATCH and asks_to_skip(checkout.message):
            raise BuildCancelled("The commit's message asks not to build it.")
    with execution.stage(Stage.CONFIGURATION):
        config = read_config(checkout.source)
        for sentence in (*config.notes, *absences(config)):
            execution.say(sentence)
        check_out_submodules(execution, checkout, config.submodules)
        lines = Lines(execution, config, checkout.source, choose_interpreter(config.python))
        lines.begin()
        for job in ("post_checkout", "pre_system_dependencies", "post_system_dependencies"):
            lines.run(job)
        plan = plan_pages(execution, checkout, config)
        for sentence in (*assumptions(plan), *uncounted(plan, build.repository)):
            execution.say(sentence)
    with execution.stage(Stage.ENVIRONMENT) as stage:
        environment = prepare_environment(execution, plan, clean=clean)
        stage.note = "reused" if environment.reused else ", ".join(filter(None, ("made", environment.told)))
        stage.reused = environment.reused
    with execution.stage(Stage.RENDER):
        built = build_pages(execution, plan, environment)
    with execution.stage(Stage.PUBLISH) as stage:
        release = publish(build, built)
        for sentence in absent(built, release):
            execution.say(sentence)
        execution.record(pages=count_pages(release))
        stage.note = f"{release.files} files, {release.size / 1e6:.1f} MB"
        if config.pages_branch and build.version.is_default:
            publish_elsewhere(execution, release, config.pages_branch)
    return release


def plan_pages(execution: Execution, checkout: Checkout, config: Config) -> Plan:
    """What is rendered, with the pages of subprojects among it."""
    wanted = config.build.subprojects
    if not wanted:
        return find_docs(checkout.source, config)
    docs = folder_of_pages(checkout.source, config)
    included = check_out_subprojects(execution, checkout, wanted, docs)
    return replace(find_docs(checkout.source, config), subprojects=included)


def publish(build: Build, built: Built) -> Release:
    try:
        return store(
            build.version,
            build_number=build.number,
            commit=build.commit,
            output=built.pages,
            downloads=built.downloads,
        )
    except OutputRefused as error:
        raise BuildFailed(f"The output has {error}.") from error


def absent(built: Built, release: Release) -> Iterator[str]:
    """Sentences about downloads that were to be there."""
    for name in built.downloads:
        if name not in release.formats:
            yield f"{name}: there is no file that ends in .{FORMATS[name]}, so it cannot be downloaded."


def publish_elsewhere(execution: Execution, release: Release, wanted: PagesBranch) -> None:
    """Push the pages to gh-pages too. A fault of that is none of the documentation's: it is told, and goes on."""
    noted = execution.noted
    try:
        said = push_pages(execution, release, wanted)
    except NotPushed as error:
        noted.fault = masked(str(error), execution.log.secrets)
        said = f"not pushed to {BRANCH}"
        execution.say(f"The pages were not pushed to {BRANCH}: {noted.fault}")
    noted.note = f"{noted.note}, {said}"


def end(build: Build, log: LogWriter, state: State, reason: str = "", *, hint: str = "", **facts: object) -> None:
    reason, hint = masked(reason, log.secrets), masked(hint, log.secrets)
    log.say(f"── {state.label}{': ' * bool(reason)}{reason}")
    log.close()  # whoever hears of the end finds the log complete
    if not build.finish(state, reason, hint=hint, **facts):  # type: ignore[arg-type]
        logger.warning("%s: attempt %d was given up on before its end was stored", build, build.attempt)
        return
    logger.info("%s: %s after %.1f s, %s", build, state.label.lower(), build.duration or 0, build.page_url)


def set_back(build: Build, log: LogWriter, reason: str) -> None:
    """Our side's fault: another attempt after a while, or the end when there were enough."""
    if build.setbacks + 1 >= MAX_SETBACKS:
        end(build, log, State.ERROR, reason)
        return
    wait = WAITS[min(build.setbacks, len(WAITS) - 1)]
    log.say(f"── Our side: {reason} Another attempt follows in {wait.total_seconds():.0f} s.")
    build.requeue(reason=masked(reason, log.secrets), wait=wait)


def only_one_in_the_tree(build: Build) -> AbstractContextManager[None]:
    """Hold the version's kept tree on this machine. Raises BuildError when a lost attempt keeps it."""
    return locks.waited_for(
        places.versions() / f"{build.version_id}.lock",
        patience=TREE_IS_FREE_WITHIN,
        refusal="An earlier attempt still holds the working tree.",
    )
