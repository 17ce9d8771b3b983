"""Prints a digest of what is in an environment: of two that have the same, a render makes the same of them.

A program of its own, run by the interpreter that made the environment, which itself is only read.
"""

import hashlib
import os
import sys
from pathlib import Path

# With the time of an installation in them, or digests of such files.
VOLATILE = {"RECORD", "uv_cache.json"}


def main() -> None:
    total = hashlib.sha256()
    for folder, folders, names in os.walk(sys.argv[1]):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            if name not in VOLATILE:
                path = Path(folder, name)
                total.update(f"{path}\0{content(path)}\0".encode(errors="surrogateescape"))
    print(total.hexdigest())


def content(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
