"""The store against DVC, both in one run: python benchmarks/bench_store.py [--files 1000 10000] [--large MB] [--dvc PROGRAM].

Each side gets the same data in a project of its own and runs as a process of its own; a row has both sides' seconds and peak memory, and their ratio.
Nothing is deleted meanwhile: ext4 looks long for room where much was deleted a moment ago. Memory is touched before a large file: a virtual machine gets
its memory when it is used for the first time, and who came first would pay for it.
"no-op" is hashing what did not change: `dvc status`, and the digest that every command of Ferrata takes.
"""

from __future__ import annotations

import argparse
import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
NO_OP = "import sys, pathlib\nfrom ferrata.store.hashing import digest\ndigest(pathlib.Path(sys.argv[1]))"
SETTLED = 2.5  # seconds until a new file is old enough to be remembered


@dataclass(frozen=True)
class Measured:
    seconds: float
    cpu: float
    megabytes: float


@dataclass(frozen=True)
class Side:
    """A program, and the words that mean each thing to it."""

    program: tuple[str, ...]
    add: tuple[str, ...]
    no_op: tuple[str, ...]
    check_out: tuple[str, ...]
    name: str

    def run(self, folder: Path, words: tuple[str, ...]) -> Measured:
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder.parent / "site")}
        os.sync()
        started = time.perf_counter()
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert process.stderr is not None
        error = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(words)} ended with {process.returncode}: {error.decode()[-2000:]}")
        return Measured(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def sides(dvc: str) -> tuple[Side, Side]:
    ferrata = (sys.executable, "-m", "ferrata")
    ours = Side(ferrata, (*ferrata, "data", "add", "data"), (sys.executable, "-c", NO_OP, "data"), (*ferrata, "pull"), "ferrata")
    theirs = Side((dvc,), (dvc, "add", "-q", "data"), (dvc, "status", "-q"), (dvc, "checkout", "-q"), "dvc")
    return ours, theirs


def many(folder: Path, count: int) -> None:
    for number in range(count):
        path = folder / f"{number // 1000:03d}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number} " * (50 + number % 200))


def large(folder: Path, megabytes: int) -> None:
    folder.mkdir()
    with (folder / "large.bin").open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(1 << 20))


def touch_memory(megabytes: int) -> None:
    """In a process of its own, so that it is free again."""
    code = "import mmap, sys\nwith mmap.mmap(-1, int(sys.argv[1]) << 20) as memory:\n    for place in range(0, len(memory), 4096): memory[place] = 1"
    most = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    subprocess.run([sys.executable, "-c", code, str(min(megabytes, most * 8 // 10))], check=True)


def measure(side: Side, place: Path, make: Callable[[Path], None], dvc: str) -> dict[str, Measured]:
    folder = place / side.name
    folder.mkdir(parents=True)
    for words in (("git", "init", "-q"), (dvc, "init", "-q"), (dvc, "remote", "add", "-q", "-d", "here", str(place / f"{side.name}-store"))):
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
    make(folder / "data")
    time.sleep(SETTLED)
    found = {"add": side.run(folder, side.add), "no-op": side.run(folder, side.no_op), "add again": side.run(folder, side.add)}
    found["push"] = side.run(folder, (*side.program, "push"))
    (folder / "data").rename(place / f"{side.name}-data")
    found["check out"] = side.run(folder, side.check_out)
    found["no-op after it"] = side.run(folder, side.no_op)
    (folder / "data").rename(place / f"{side.name}-data-again")
    (folder / ".dvc" / "cache").rename(place / f"{side.name}-cache")
    found["pull"] = side.run(folder, (*side.program, "pull"))
    return found


def show(title: str, ours: dict[str, Measured], theirs: dict[str, Measured]) -> None:
    print(f"\n{title}\n{'':16}{'ferrata s':>10}{'dvc s':>10}{'ratio':>8}{'cpu ratio':>11}{'ferrata MB':>12}{'dvc MB':>9}")
    for name, mine in ours.items():
        other = theirs[name]
        print(
            f"{name:16}{mine.seconds:10.2f}{other.seconds:10.2f}{other.seconds / mine.seconds:8.1f}{other.cpu / mine.cpu:11.1f}"
            f"{mine.megabytes:12.0f}{other.megabytes:9.0f}",
            flush=True,
        )


def program_of_dvc(folder: Path) -> str:
    from uv import find_uv_bin

    subprocess.run([find_uv_bin(), "venv", "-q", "--python", sys.executable, str(folder)], check=True)
    subprocess.run([find_uv_bin(), "pip", "install", "-q", "--python", str(folder / "bin" / "python"), "dvc==3.67.1"], check=True)
    return str(folder / "bin" / "dvc")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="*", default=[1000, 10_000], help="folders of so many small files")
    parser.add_argument("--large", type=int, default=256, metavar="MB", help="one file of this size; 0 for none")
    parser.add_argument("--dvc", default="", help="the program; installed for this run when not given")
    parser.add_argument("--folder", default=None, help="where the data is made")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        dvc = os.path.abspath(options.dvc) if options.dvc else program_of_dvc(Path(name) / "dvc")
        tasks = [(f"{count:,} small files", functools.partial(many, count=count)) for count in options.files]
        if options.large:
            touch_memory(10 * options.large)
            tasks.append((f"one file of {options.large} MB", functools.partial(large, megabytes=options.large)))
        for number, (title, make) in enumerate(tasks):
            place = Path(name) / str(number)
            ours, theirs = (measure(side, place, make, dvc) for side in sides(dvc))
            show(title, ours, theirs)


if __name__ == "__main__":
    main()
