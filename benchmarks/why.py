"""The injection suite of `ferrata why`: pairs of runs with a planted cause, and what it answers. Prints a table; status 1 below the goal.

    python benchmarks/why.py [part of a name …]

Each pair is made in a temporary folder, over one environment with NumPy, pandas and scikit-learn that is made from uv's cache.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.explaining.cases import ALL, ONE, SAME, TWO, VERSIONS  # noqa: E402
from tests.explaining.planted import Case, asked, verdict  # noqa: E402

from ferrata.errors import FerrataError  # noqa: E402
from ferrata.programs.uv import program  # noqa: E402

PACKAGES = ("numpy==2.2.6", "pandas==2.3.3", "scikit-learn==1.7.2", "pyyaml==6.0.3", "scipy==1.15.3")
GOAL = 0.95


def main(parts: list[str]) -> int:
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        os.environ.setdefault(name, "a@example.org")
    with tempfile.TemporaryDirectory(prefix="why-suite-") as place:
        environment = functools.partial(made, Path(place) / "environments")
        cases = [case for case in ALL if not parts or any(part in case.name for part in parts)]
        results = [told(case, Path(place) / f"pair-{number}", environment) for number, case in enumerate(cases)]
    return summary(cases, results)


def made(folder: Path, packages: tuple[str, ...]) -> Path:
    """An environment with these versions, and of the others the usual ones."""
    place = folder / ("-".join(packages).replace("=", "") or "usual")
    if not place.exists():
        names = {line.partition("=")[0] for line in packages}
        wanted = [*packages, *(line for line in PACKAGES if line.partition("=")[0] not in names)]
        subprocess.run([program(), "venv", "-q", "--python", sys.executable, str(place)], check=True)
        subprocess.run([program(), "pip", "install", "-q", "--python", str(place / "bin" / "python"), *wanted], check=True)
    return place


def told(case: Case, folder: Path, environment: Callable[[tuple[str, ...]], Path]) -> tuple[bool, bool]:
    """(every planted cause is named, nobody else is)"""
    folder.mkdir()
    started = time.monotonic()
    try:
        page = asked(case, folder / "project", environment)
    except (FerrataError, AssertionError) as error:
        print(f"✗ {case.name}: {error}", flush=True)
        return False, True
    missed, accused = verdict(case, page)
    is_right = not missed and page.data["outcome"] == case.outcome
    said = f"missed {missed}" if missed else f"accused {accused}" if accused else "" if is_right else f"outcome {page.data['outcome']}"
    mark = "✓" if is_right and not accused else "✗"
    print(f"{mark} {case.name:60} {page.data['outcome']:12} {page.data['trials']:3} trials {time.monotonic() - started:6.1f} s  {said}", flush=True)
    return is_right, not accused


def summary(cases: list[Case], results: list[tuple[bool, bool]]) -> int:
    groups = {"without a difference": SAME, "one cause": (*ONE, *VERSIONS), "two causes": TWO}
    print(f"\n{'':24}{'pairs':>7}{'right':>7}{'accused':>9}")
    for name, group in groups.items():
        own = [result for case, result in zip(cases, results, strict=True) if case in group]
        print(f"{name:24}{len(own):7}{sum(right for right, _ in own):7}{sum(not clean for _, clean in own):9}")
    right, accused = sum(right for right, _ in results), sum(not clean for _, clean in results)
    print(f"{'all':24}{len(results):7}{right:7}{accused:9}   {right / max(len(results), 1):.1%} named, {accused} pairs with an innocent factor accused")
    return 0 if results and right / len(results) >= GOAL and not accused else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
