"""Adopt's own seconds, without what it waits for: runs of the notebook and of the stages, and installs; the aim is 15 s for each notebook.

    python benchmarks/bench_adopt.py [NAME …]

NAME are sample notebooks (a few small ones, when none is named). Every outside program is timed where it is started; what runs at the same time counts once.
Git is our own doing and counts as ours. The processor's seconds of this process are printed too: on a busy machine they say more than the clock.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ferrata.records.command import Command, Outcome
from ferrata.world import process

AIM = 15.0
DEFAULT = ["text_not_ascii", "scaled_before_split", "kmeans"]
TESTS = Path(__file__).resolve().parents[1] / "tests"
Span = tuple[str, float, float]


def kind(command: Command) -> str:
    """`install`, `notebook`, `stage`, or "" for what is our own."""
    program = Path(command.arguments[0]).name
    if program == "git":
        return ""
    if program == "uv":
        return "install"
    return "notebook" if command.why == "run the notebook" else "stage"


def timed(run: Callable[..., Outcome], spans: list[Span]) -> Callable[..., Outcome]:
    def timed_run(command: Command, **options: Any) -> Outcome:
        started = time.monotonic()
        try:
            return run(command, **options)
        finally:
            if kind(command):
                spans.append((kind(command), started, time.monotonic()))

    return timed_run


def covered(spans: list[Span]) -> float:
    """Seconds in which at least one of them ran."""
    total, end = 0.0, 0.0
    for _, start, stop in sorted(spans, key=lambda span: span[1]):
        total += max(0.0, stop - max(start, end))
        end = max(end, stop)
    return total


def adopted(sample: Any, spans: list[Span]) -> tuple[str, float]:
    """The outcome, and the seconds from the first import to the end."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch) / "author"
        shutil.copytree(sample.folder, folder)
        os.environ["XDG_CACHE_HOME"] = str(Path(scratch) / "cache")
        started = time.monotonic()
        from ferrata.flow import adopt
        from ferrata.records.request import AdoptRequest
        from ferrata.world.reporter import PlainReporter

        spans.clear()
        notebook = folder / sample.path.relative_to(sample.folder)
        page = adopt(AdoptRequest(notebook, Path(scratch) / "project", assume_yes=True), PlainReporter(io.StringIO()))
        return str(page.data["outcome"]), time.monotonic() - started


def chosen(names: list[str]) -> list[Any]:
    spec = importlib.util.spec_from_file_location("samples", TESTS / "samples.py")
    assert spec and spec.loader
    samples = sys.modules["samples"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(samples)
    return [sample for sample in samples.SAMPLES if sample.name in (names or DEFAULT)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    # Before anything else of Ferrata is imported, so that whoever imports the function by name gets this one.
    spans: list[Span] = []
    process.run = timed(process.run, spans)  # type: ignore[assignment]
    os.environ["UV_CACHE_DIR"] = subprocess.run(["uv", "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    worst = 0.0
    for sample in chosen(parser.parse_args().names):
        started = time.process_time()
        outcome, whole = adopted(sample, spans)
        own, cpu = whole - covered(spans), time.process_time() - started
        worst = max(worst, own)
        parts = "   ".join(f"{name} {covered([span for span in spans if span[0] == name]):6.1f}" for name in ("install", "notebook", "stage"))
        print(f"{sample.name:28} own {own:6.2f} s ({cpu:.2f} s of CPU)   of {whole:6.1f} s   {parts}   {outcome}", flush=True)
    print(f"{'worst':28} own {worst:6.2f} s   aim {AIM:.0f} s: {'met' if worst <= AIM else 'missed'}")


if __name__ == "__main__":
    main()
