"""Kill push and pull at random moments: python kill_share.py TIMES FOLDER. Ends with an assertion when anything half-written was taken for whole."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

FILES = 700  # so many that processes share the work


def main(times: int, folder: Path) -> None:
    names = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **names, "DVC_GLOBAL_CONFIG_DIR": str(folder), "DVC_SYSTEM_CONFIG_DIR": str(folder)}
    source, clone, store = folder / "source", folder / "clone", folder / "store"

    def run(place: Path, *words: str) -> None:
        subprocess.run(words, cwd=place, env=environment, check=True, capture_output=True)

    (source / "data").mkdir(parents=True)
    for number in range(FILES):
        (source / "data" / f"{number}").write_bytes(f"{number} ".encode() * (1 + 997 * number % 9000))
    (source / "large").write_bytes(random.Random(1).randbytes(30 << 20))
    run(source, "git", "init", "-q")
    ferrata = (sys.executable, "-m", "ferrata")
    run(source, *ferrata, "data", "add", "data", "large")
    run(source, *ferrata, "remote", "add", str(store))
    run(source, "git", "add", "-A")
    run(source, "git", "commit", "-qm", "x")
    run(folder, "git", "clone", "-q", str(source), str(clone))
    chance = random.Random(times)
    longest = {"push": 3.0, "pull": 3.0}
    for number in range(times):
        word, place = (("push", source), ("pull", clone))[number % 2]
        if word == "pull" and number % 4 == 1:
            run(source, *ferrata, "push")
        process = subprocess.Popen((*ferrata, word), cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.1, longest[word]))
        process.kill()
        process.wait()
        check(store, is_remote=True)
        check(clone / ".dvc" / "cache")
        check_names(clone, source)
        if number % 8 == 7:
            run(source, *ferrata, "push")
            run(clone, *ferrata, "pull")
            same(source, clone)
            run(clone, "rm", "-rf", ".dvc/cache", "data", "large")
            run(folder, "rm", "-rf", str(store))
    run(source, *ferrata, "push")
    run(clone, *ferrata, "pull")
    same(source, clone)
    left = [path for path in (*store.rglob("at-*"), *clone.rglob("at-*")) if path.stat().st_mtime < time.time() - 90]
    assert not left, f"drafts were left: {left}"
    print(f"killed {times} times, nothing half-written was taken for whole")


def check(folder: Path, *, is_remote: bool = False) -> None:
    """Every object is what its name says, and every listing in a remote names what is there."""
    for path in (folder / "files" / "md5").glob("??/*"):
        if path.parent.name == ".ferrata" or path.name.startswith("at-"):
            continue
        md5 = path.parent.name + path.name
        assert hashlib.md5(path.read_bytes()).hexdigest() == md5.removesuffix(".dir"), f"{path} is not whole"
        if is_remote and md5.endswith(".dir"):
            absent = [row for row in json.loads(path.read_bytes()) if not (folder / "files" / "md5" / row["md5"][:2] / row["md5"][2:]).exists()]
            assert not absent, f"{path} names {absent[:3]}, which are not there"


def check_names(clone: Path, source: Path) -> None:
    """A file that is in its place is whole."""
    for path in (*(clone / "data").glob("*"), clone / "large"):
        if path.is_file() and path.suffix != ".dvc":
            assert path.read_bytes() == (source / path.relative_to(clone)).read_bytes(), f"{path} is half written"


def same(source: Path, clone: Path) -> None:
    for path in (*(source / "data").glob("*"), source / "large"):
        assert (clone / path.relative_to(source)).read_bytes() == path.read_bytes(), f"{path} is not what was pushed"


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
