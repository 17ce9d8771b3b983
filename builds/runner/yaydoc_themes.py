"""Finds the theme that a package holds: `build.theme` may name either."""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution, entry_points
from pathlib import Path, PurePosixPath

import sphinx
from sphinx.errors import ThemeError

GROUP = "sphinx.html_themes"  # in which packages announce their themes
FILES = ("theme.toml", "theme.conf")  # of a theme's own folder


def theme_of(name: str) -> tuple[str, list[str]]:
    """The theme's name, and the folders in which Sphinx has to look for it besides. Raises ThemeError.

    A name that leads nowhere is given back: Sphinx, or an extension, may know it.
    """
    if (Path(sphinx.__file__).parent / "themes" / name).is_dir() or entry_points(group=GROUP, name=name):
        return name, []
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return name, []
    announced = [point.name for point in package.entry_points if point.group == GROUP]
    if announced:
        return next((one for one in announced if plain(one) == plain(name)), announced[0]), []
    folders = folders_of(package)
    if not folders:
        raise ThemeError(f"the package {name} holds no Sphinx theme")
    chosen = next((folder for folder in folders if plain(folder.name) == plain(name)), folders[0])
    return chosen.name, [str(chosen.parent)]


def folders_of(package: Distribution) -> list[Path]:
    files = [PurePosixPath(file) for file in package.files or () if PurePosixPath(file).name in FILES]
    return sorted({Path(str(package.locate_file(file.parent))) for file in files})


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
