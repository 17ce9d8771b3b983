"""What a build goes by: which file, which Python, which requirements, and why. Sentences for the log."""

from collections.abc import Iterator

from builds.detection.plans import Kind, Plan
from builds.detection.renderers import MKDOCS
from builds.detection.requirements import Package
from builds.rendering.pythons import choose_interpreter, spoken


def assumptions(plan: Plan) -> Iterator[str]:
    config = plan.config
    if config.file:
        yield f"Read {config.file}."
    else:
        yield "There is no .yaydoc.yml or .readthedocs.yaml: what follows was found out."
    yield plan.description
    version = spoken(choose_interpreter(config.python))
    why = f"for {config.python}, as build.tools.python says" if config.python else "as nothing asks for another"
    yield f"Python {version}, {why}."
    yield of_requirements(plan)
    if plan.documents and (left := len(plan.documents.notebooks)):
        yield (
            f"{left} notebook{'s are' if left > 1 else ' is'} left out: to have them shown, with the output that"
            " they hold, name myst-nb in docs/requirements.txt."
        )


def of_requirements(plan: Plan) -> str:
    config, requirements = plan.config, plan.requirements
    ours = "MkDocs and Material for MkDocs" if plan.renderer == MKDOCS else "Sphinx, MyST and furo"
    by = config.file if requirements.are_stated else ""
    parts = [*requirements.files, *map(of_group, requirements.groups), *map(of_package, requirements.packages)]
    parts += [f"what uv sync says{f' in {one.folder}' if one.folder else ''}" for one in requirements.synced]
    parts += [name for name in requirements.named if name not in requirements.guessed]
    if requirements.guessed:
        parts.append(f"{', '.join(requirements.guessed)} (named by {namer(plan)}, required nowhere)")
    if "install" in config.jobs or config.commands:
        parts.append("what its lines install")
    if not parts:
        return f"Nothing that is required was found: {ours} in Yaydoc's own versions render the pages."
    with_what = "" if config.names_no_tool or comes_with(plan) else f", beside Yaydoc's own {ours}"
    return f"Installed: {'; '.join(parts)}{f', as {by} says' if by and parts else ''}{with_what}."


def comes_with(plan: Plan) -> bool:
    return plan.requirements.name_renderer or plan.kind == Kind.LINES


def namer(plan: Plan) -> str:
    return plan.mkdocs_yml or ("conf.py" if plan.conf is not None else plan.config.file)


def of_group(group: str) -> str:
    file, _, name = group.rpartition(":")
    return f"the group {name} of {file}"


def of_package(package: Package) -> str:
    extras = f" with its extra{'s' if len(package.extras) > 1 else ''} {', '.join(package.extras)}"
    return (
        f"the package {f'in {package.folder}' if package.folder else 'itself'}{extras if package.extras else ''}"
    )
