"""Which keys of a `.yaydoc.yml` do not count in this repository: sentences for the log."""

from collections.abc import Iterator

from builds.configuration.config import Config
from builds.detection.plans import Kind, Plan
from builds.rendering.site import github_page
from repositories.models import Repository


def uncounted(plan: Plan, repository: Repository) -> Iterator[str]:
    config = plan.config
    if plan.kind == Kind.MKDOCS and (names := of_pages(config)):
        yield f"Beside {plan.mkdocs_yml} these keys of {config.file} do not count: {', '.join(names)}."
        return
    if plan.kind == Kind.SPHINX and config.metadata.autoindex:
        yield f"Beside a conf.py, metadata.autoindex of {config.file} does not count: the first page is there."
    if (names := of_github(config)) and not github_page(repository):
        yield f"The repository is not at GitHub, so these keys of {config.file} do not count: {', '.join(names)}."


def of_pages(config: Config) -> list[str]:
    """Those of all that are set, and that change how pages look."""
    metadata, build = config.metadata, config.build
    values = {
        "metadata.projectname": metadata.projectname,
        "metadata.author": metadata.author,
        "metadata.version": metadata.version,
        "metadata.inline_math": metadata.inline_math,
        "metadata.autoindex": metadata.autoindex,
        "build.theme": build.theme.name,
        "build.logo": build.logo,
        "build.mock": build.mock,
        "build.autoapi": build.autoapi,
        "extras.swagger": config.swagger,
    }
    return [*(name for name, value in values.items() if value), *of_github(config)]


def of_github(config: Config) -> list[str]:
    build = config.build
    values = {"build.github_button": build.github_button, "build.github_ribbon": build.github_ribbon}
    return [name for name, value in values.items() if value]
