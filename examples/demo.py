"""Adopt a notebook in a temporary folder and show the proof: `python examples/demo.py examples/churn/churn.ipynb`.

The notebook's folder is copied first, so that nothing is written here; the project stays in the temporary folder to be looked at.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main(notebook: Path) -> int:
    folder = Path(tempfile.mkdtemp(prefix="ferrata-demo-"))
    author, project = folder / "author", folder / notebook.stem
    shutil.copytree(notebook.parent, author, ignore=shutil.ignore_patterns("make_data.py", "__pycache__", ".*"))
    started = time.monotonic()
    status = subprocess.run([sys.executable, "-m", "ferrata", "adopt", author / notebook.name, "--into", project, "--yes"]).returncode
    seconds = time.monotonic() - started
    if status == 0:
        show(project)
    print(f"\n{seconds:.0f} seconds. Everything is in {folder}")
    return status


def show(project: Path) -> None:
    """What was delivered: the commits, the files, the proof."""
    for command in (["git", "log", "--oneline", "--reverse"], ["git", "ls-files"]):
        print(f"\n$ {' '.join(command)}", flush=True)
        subprocess.run(command, cwd=project, check=True)
    for page in sorted((project / "evidence").glob("*.md")):
        print(f"\n$ cat {page.relative_to(project)}\n{page.read_text(encoding='utf-8')}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/demo.py NOTEBOOK")
    sys.exit(main(Path(sys.argv[1])))
