"""The formats of downloads, named as in `formats` of a .readthedocs.yaml, and where a release has them."""

from pathlib import Path

FORMATS = {"htmlzip": "zip", "pdf": "pdf", "epub": "epub"}  # format → file name extension
LABELS = {"htmlzip": "HTML", "pdf": "PDF", "epub": "ePub"}
ZIP = "htmlzip"
# Hidden, so that no published path can lead there.
DOWNLOADS = ".downloads"


def stored_file(release: Path, name: str) -> Path:
    """Where a release's file of a format is, if it has one."""
    return release / DOWNLOADS / name
