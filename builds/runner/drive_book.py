"""Makes a book of pages that were just rendered, inside the sandbox: `drive_book.py <facts.json>`.

Its builder reads a copy of their doctrees, so that nothing is read twice, and the next render of the pages finds
its own as they were.
"""

import json
import shutil
import sys
from pathlib import Path

HERE = str(Path(__file__).resolve().parent)
sys.path = [str(Path.cwd()), *(path for path in sys.path if path != HERE), HERE]  # as `python -m sphinx` has it

import sphinx.application
import sphinx.cmd.build
import yaydoc_overlay


def main() -> int:
    facts = json.loads(Path(sys.argv[1]).read_text())
    if Path(facts["doctrees"]).is_dir():
        shutil.copytree(facts["doctrees"], facts["copy"], symlinks=True)
    yaydoc_overlay.site = facts["site"]
    sphinx.application.builtin_extensions += ("yaydoc_overlay",)
    arguments = ["-b", facts["builder"], "-d", facts["copy"], "-c", facts["conf"], facts["docs"], facts["output"]]
    return sphinx.cmd.build.main(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
