"""CPU seconds of a run and a status with nothing to do, 10 stages, against DVC where it is installed; the aim is a tenth.

    python benchmarks/bench_engine_noop.py [path of the program dvc]

User and system time of the process and its children, the best of 9.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 9
STAGES = 10
AIM = 0.1


def cpu_seconds(*arguments: str, folder: Path, forget: bool = False) -> float:
    """The best; the first run, which may compile and fill caches, is not counted. With `forget` the answer that was kept is removed before each."""
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder.parent / "site")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    times = []
    for _ in range(RUNS + 1):
        if forget:
            (folder / ".dvc" / "tmp" / "ferrata" / "instant.json").unlink(missing_ok=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times[1:])


def make_project(folder: Path) -> None:
    folder.mkdir()
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / "params.yaml").write_text("size: 3\nrate: 0.1\n")
    (folder / "s0.txt").write_text("start\n")
    stages = "".join(
        f"  stage{n}:\n    cmd: cat s{n - 1}.txt > s{n}.txt\n    deps:\n    - s{n - 1}.txt\n    params:\n    - size\n    outs:\n    - s{n}.txt\n"
        for n in range(1, STAGES + 1)
    )
    (folder / "dvc.yaml").write_text(f"stages:\n{stages}")


def find_dvc() -> str | None:
    """The one that the tests made for themselves, else one on the search path."""
    made = Path(__file__).resolve().parents[1] / ".pytest_cache" / "d" / "dvc" / "env" / "bin" / "dvc"
    return str(made) if made.exists() else shutil.which("dvc")


def main() -> None:
    dvc = sys.argv[1] if len(sys.argv) > 1 else find_dvc()
    ferrata = (sys.executable, "-m", "ferrata")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_CACHE_HOME"] = f"{scratch}/cache"  # what earlier commands left elsewhere is no part of it
        project = Path(scratch) / "project"
        make_project(project)
        subprocess.run([*ferrata, "run"], cwd=project, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print(f"{'python -c pass':16} {cpu_seconds(sys.executable, '-c', 'pass', folder=project) * 1000:7.0f} ms")
        for ours, theirs in (("run", "repro"), ("status", "status")):
            mine = cpu_seconds(*ferrata, ours, folder=project)
            print(f"{'ferrata ' + ours:16} {mine * 1000:7.0f} ms", end="")
            if dvc:
                other = cpu_seconds(dvc, theirs, folder=project)
                verdict = "met" if mine <= AIM * other else "missed"
                print(f"   dvc {theirs:6} {other * 1000:7.0f} ms   ratio {mine / other:.3f}   aim {AIM}: {verdict}", end="")
            print("" if dvc else "   (no dvc to compare with)")
            print(f"{'  looking anew':16} {cpu_seconds(*ferrata, ours, folder=project, forget=True) * 1000:7.0f} ms")


if __name__ == "__main__":
    main()
