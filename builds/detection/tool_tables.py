"""Requirements that stand in the tables of packaging tools: Hatch, PDM, Poetry."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from builds.detection.source_tree import SourceTree

POETRY_VERSION = re.compile(r"([~^])(\d+)(?:\.(\d+))?((?:\.\w+)*)")


def toml(tree: SourceTree, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(tree.text(file))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return {}  # uv says what is wrong with it, if it is asked to install it


def table(parent: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The table below these keys, or an empty one."""
    for key in keys:
        value = parent.get(key)
        parent = value if isinstance(value, dict) else {}
    return parent


def of_tools(tree: SourceTree, folder: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those under the first of these names that is in use."""
    tools = table(toml(tree, f"{folder}/pyproject.toml".strip("/")), "tool")
    hatch = toml(tree, f"{folder}/hatch.toml".strip("/"))
    for name in names:
        for found in (
            table(tools, "hatch", "envs", name).get("dependencies"),
            table(hatch, "envs", name).get("dependencies"),
            table(tools, "pdm", "dev-dependencies").get(name),
            list(_of_poetry(table(tools, "poetry", "group", name, "dependencies"))),
        ):
            if found and isinstance(found, list):
                return tuple(item for item in found if isinstance(item, str) and "\n" not in item)
    return ()


def _of_poetry(wanted: dict[str, Any]) -> Iterator[str]:
    """As other tools take them. What lies in other repositories or folders is left out."""
    for name, value in wanted.items():
        said = value if isinstance(value, dict) else {"version": value}
        version, extras = said.get("version"), said.get("extras")
        if name == "python" or not isinstance(version, str):
            continue
        chosen = ",".join(one for one in extras if isinstance(one, str)) if isinstance(extras, list) else ""
        yield f"{name}{f'[{chosen}]' if chosen else ''}{_of_version(version)}"


def _of_version(version: str) -> str:
    """A constraint of Poetry as PEP 440 has it. Source: Poetry, "Dependency specification"."""
    version = version.strip()
    if version in {"", "*"}:
        return ""
    if found := POETRY_VERSION.fullmatch(version):
        sign, major, minor, _ = found.groups()
        is_major = (sign == "^" and major != "0") or minor is None
        following = f"{int(major) + 1}" if is_major else f"{major}.{int(minor or 0) + 1}"
        return f">={version[1:]},<{following}"
    return version if version[0] in "<>=!~" else f"=={version}"
