"""Storing a build's output as a release: complete and on disk before anything can point at it (I6)."""

import ctypes
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from pages.compression import ENCODINGS, Compression, compressed_path
from pages.formats import DOWNLOADS, FORMATS
from pages.models import Publication, Release, new_directory_name, releases_directory
from pages.paths import PATH_LENGTH, is_publishable, make_directory
from pages.switcher import HEAD, SUFFIX, takes_switcher
from repositories.models import Version

INCOMING = "incoming-"  # begins the name of a directory that is not complete yet
CHUNK = 1024 * 1024  # bytes
NONE: Mapping[str, Path] = {}
DEEPEST = 100  # directories in each other; each is open while its own are looked through


class OutputRefused(Exception):
    """The output cannot be published; the text says why, to be read after "The output has ..."."""


@dataclass(frozen=True)
class Source:
    """A regular file of the output, open for reading."""

    path: str  # relative to the output
    descriptor: int
    size: int  # bytes


def store(
    version: Version, *, build_number: int, commit: str, output: Path, downloads: Mapping[str, Path] = NONE
) -> Release:
    """A release of the regular files in `output`; neither it nor its pages are published by this.

    HTML documents get the line of the version switcher at their end, unless the repository has it off. `downloads`
    are folders by format, of each of which one file is taken over; the release says which there were.

    Links are not followed, and hidden files, devices and other specials are left out. A file that is equal to
    the published one becomes another name of it: releases never change. Raises OutputRefused.

    A crash leaves at most a directory without a row, which `pages.retention.sweep` removes.
    """
    directory_name = new_directory_name()
    incoming = releases_directory() / f"{INCOMING}{directory_name}"
    make_directory(incoming)
    try:
        intake = Intake(
            incoming,
            _published_directory(version),
            has_version_switcher=version.repository.has_version_switcher,
        )
        intake.take(output)
        formats = [name for name, folder in downloads.items() if intake.take_download(name, folder)]
        _write_to_disk(incoming)
        incoming.rename(releases_directory() / directory_name)
        _write_to_disk(releases_directory())
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
    return Release.objects.create(
        version=version,
        directory_name=directory_name,
        build_number=build_number,
        commit=commit,
        files=intake.files,
        size=intake.size,
        formats=formats,
    )


def count_pages(release: Release) -> int:
    """How many of its files are HTML."""
    return sum(name.endswith(".html") for _, _, names in os.walk(release.directory) for name in names)


def _published_directory(version: Version) -> Path | None:
    publication = Publication.objects.filter(version=version).select_related("release").first()
    return publication.release.directory if publication else None


def _write_to_disk(directory: Path) -> None:
    """Wait until all that was written to the directory's file system is on disk. Raises OSError.

    One call for all: 30 to 70 ms for 1,300 files, against 400 ms with one fsync for each.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), f"{directory} could not be written to disk")
    finally:
        os.close(descriptor)


class Intake:
    """Takes files over into `target`, counting them."""

    def __init__(self, target: Path, published: Path | None, *, has_version_switcher: bool) -> None:
        self.target = target
        self.published = published
        self.has_version_switcher = has_version_switcher
        self.files = 0
        self.size = 0  # bytes

    def take(self, output: Path) -> None:
        with Compression(self.target) as compression:
            for source in open_regular_files(output):
                self.files += 1
                self.size += source.size
                self._check_limits()
                suffix = self._suffix(source)
                if not self._link_published(source, suffix):
                    self._copy(source, suffix)
                    compression.add(source.path, source.size + len(suffix))
        if not self.files:
            raise OutputRefused("no files at all")

    def take_download(self, name: str, folder: Path) -> bool:
        """The first file of the folder, and of none below it, whose name ends as it should; False without one.

        Its size counts like that of pages.
        """
        if not folder.is_dir():
            return False
        for source in open_regular_files(folder):
            if "/" in source.path:
                break
            if source.size and source.path.lower().endswith(f".{FORMATS[name]}"):
                self.size += source.size
                self._check_limits()
                self._copy(replace(source, path=f"{DOWNLOADS}/{name}"), b"")
                return True
        return False

    def _check_limits(self) -> None:
        if self.files > settings.BUILD_OUTPUT_FILES:
            raise OutputRefused(f"more than {settings.BUILD_OUTPUT_FILES:,} files")
        if self.size > settings.BUILD_OUTPUT_SIZE * 1024 * 1024:
            raise OutputRefused(f"more than {settings.BUILD_OUTPUT_SIZE:,} MiB")

    def _suffix(self, source: Source) -> bytes:
        """What is written after the file. It counts neither for the size of the output nor for its limit."""
        if not self.has_version_switcher:
            return b""
        return SUFFIX if takes_switcher(source.path, os.pread(source.descriptor, HEAD, 0)) else b""

    def _copy(self, source: Source, suffix: bytes) -> None:
        """Reads no more than was counted, should the file still grow."""
        path = self.target / source.path
        make_directory(path.parent)
        remaining = source.size
        with path.open("xb") as copy:
            os.fchmod(copy.fileno(), 0o644)
            while remaining and (chunk := os.read(source.descriptor, min(CHUNK, remaining))):
                copy.write(chunk)
                remaining -= len(chunk)
            copy.write(suffix)

    def _link_published(self, source: Source, suffix: bytes) -> bool:
        """Whether the published file of that path is equal, and now has a second name."""
        if not self.published:
            return False
        published, path = self.published / source.path, self.target / source.path
        try:
            if published.is_symlink() or not _is_equal(source, suffix, published):
                return False
            make_directory(path.parent)
            path.hardlink_to(published)
        except OSError:
            return False  # none of that path, or no more names for it: then it is copied
        for encoding in ENCODINGS.values():
            self._link_compressed(source.path, encoding)
        return True

    def _link_compressed(self, path: str, encoding: str) -> None:
        assert self.published  # noqa: S101
        published = compressed_path(self.published, path, encoding)
        if published.is_file():
            new = compressed_path(self.target, path, encoding)
            make_directory(new.parent)
            new.hardlink_to(published)


def open_regular_files(output: Path) -> Iterator[Source]:
    """The publishable files below `output`, in order, each open while it is the current one.

    Directories are walked by descriptor: one that is exchanged for a link meanwhile leads nowhere else.
    """
    for root, directories, names, descriptor in os.fwalk(output, follow_symlinks=False):
        directories[:] = sorted(filter(is_publishable, directories))
        if directories and root.count("/") - str(output).count("/") >= DEEPEST:
            raise OutputRefused(f"more than {DEEPEST} directories in each other")
        for name in sorted(filter(is_publishable, names)):
            path = os.path.relpath(os.path.join(root, name), output)  # noqa: PTH118
            if len(os.fsencode(path)) > PATH_LENGTH:
                raise OutputRefused(f"a path longer than {PATH_LENGTH:,} bytes: {path[:80]}…")
            file = _open_regular(name, descriptor, path)
            if file is None:
                continue
            try:
                yield Source(path, file, os.fstat(file).st_size)
            finally:
                os.close(file)


def _open_regular(name: str, directory: int, path: str) -> int | None:
    if not stat.S_ISREG(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
        return None
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
    except PermissionError as error:
        raise OutputRefused(f"a file that may not be read: {path}") from error
    # Looked at once more: it may have been exchanged in between.
    if stat.S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    return None


def _is_equal(source: Source, suffix: bytes, published: Path) -> bool:
    """Whether the published file is the source with the suffix."""
    if published.stat().st_size != source.size + len(suffix):
        return False
    offset = 0
    with published.open("rb") as file:
        while offset < source.size:
            chunk = file.read(min(CHUNK, source.size - offset))
            if not chunk or os.pread(source.descriptor, len(chunk), offset) != chunk:
                return False
            offset += len(chunk)
        return file.read() == suffix
