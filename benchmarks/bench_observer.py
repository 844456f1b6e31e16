"""What observing costs: seconds of a notebook under the observer against the same statements run plainly; the aim is a median of 1.3.

    python benchmarks/bench_observer.py [NAME …] [--folder FOLDER] [--runs N]

NAME are sample notebooks (the first to try after a change, when none is named); with FOLDER every notebook below it, or those of the subfolders NAME.
Both are run alternately, N times each, and the shortest of each counts: they start alike, imports included, so that what differs is the observer.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ferrata.errors import FerrataError
from ferrata.flow.running import SEED, Ran, Runner, find_run
from ferrata.steps.locate import locate
from ferrata.steps.observe import observe
from ferrata.steps.read import read
from ferrata.steps.settle import candidates
from ferrata.world.reporter import PlainReporter
from ferrata.world.workspace import Workspace

AIM = 1.3
TESTS = Path(__file__).resolve().parents[1] / "tests"


def sample_notebooks(names: list[str]) -> Iterator[tuple[str, Path]]:
    spec = importlib.util.spec_from_file_location("samples", TESTS / "samples.py")
    assert spec and spec.loader
    samples = sys.modules["samples"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(samples)
    for sample in samples.PROVED:
        if sample.name in names or (not names and sample.first):
            yield sample.name, sample.path


def notebooks_below(folder: Path, names: list[str]) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*.ipynb")):
        name = path.relative_to(folder).parts[0]
        if ".ipynb_checkpoints" not in path.parts and (not names or name in names):
            yield name, path


def seconds(notebook: Path, scratch: Path, runs: int) -> tuple[float, float]:
    """The shortest observed run and the shortest plain one."""
    book = read(notebook, skip_broken=True)
    runner = Runner(book, locate(book), (), Workspace(scratch), PlainReporter(io.StringIO()), 15.0)
    ran = find_run(runner, candidates(book, project="bench"), lambda ran: True)
    if ran is None:
        stop = runner.stops[-1].failure if runner.stops else None
        raise FerrataError(f"does not run: {stop.type}: {stop.message[:100]}" if stop else "has no environment")
    return tuple(min(column) for column in zip(*(_both(runner, ran) for _ in range(runs)), strict=True))  # type: ignore[return-value]


def _both(runner: Runner, ran: Ran) -> tuple[float, float]:
    return _run(runner, ran, watch=True), _run(runner, ran, watch=False)


def _run(runner: Runner, ran: Ran, *, watch: bool) -> float:
    root = runner.workspace.folder_for("run")
    cwd = runner.stage(root)
    kept = [index for index in ran.code.sources if index not in ran.left_out]
    observation = observe(
        runner.notebook, ran.environment, sources=ran.code.sources, workspace=root, cwd=cwd, output=runner.workspace.folder_for("trace-bench"), seed=SEED,
        hash_seed=0, answers=runner.notebook.answers, keep=kept, watch=watch,
    )
    if observation.failure is not None:
        raise FerrataError(f"a {'observed' if watch else 'plain'} run failed: {observation.failure.message[:100]}")
    return observation.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    ratios = []
    for name, path in notebooks_below(options.folder, options.names) if options.folder else sample_notebooks(options.names):
        with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
            try:
                observed, plain = seconds(path, Path(scratch), options.runs)
            except FerrataError as error:
                print(f"{name:28} {error.what}", flush=True)
                continue
        ratios.append(observed / plain)
        print(f"{name:28} plain {plain:7.2f} s   observed {observed:7.2f} s   ratio {ratios[-1]:5.2f}", flush=True)
    if ratios:
        median = statistics.median(ratios)
        print(f"{'median of ' + str(len(ratios)):28} {median:.2f}   aim {AIM}: {'met' if median <= AIM else 'missed'}   worst {max(ratios):.2f}")


if __name__ == "__main__":
    main()
