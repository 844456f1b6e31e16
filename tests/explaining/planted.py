"""Pairs of runs with a planted cause: how one is made, what `ferrata why` answers, and whether that is right."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferrata.flow.execution import run
from ferrata.flow.explaining import why
from ferrata.records.explanation import WhyRequest
from ferrata.records.page import Page
from ferrata.records.run_request import RunRequest
from ferrata.world.reporter import RecordingReporter

Files = dict[str, str]


@dataclass
class Place:
    """A project in a Git repository; `environment` is a folder with the packages of its stages."""

    folder: Path
    environment: Path

    def make(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            self.write(path, text)
        (self.folder / ".venv").symlink_to(self.environment)
        self.write(".gitignore", "/.venv\n")
        self.git("init", "-q", "-b", "main")
        self.commit("a project")

    def git(self, *words: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        return subprocess.run(["git", *identity, *words], cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, message: str = "more") -> None:
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def read(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str | bytes) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)

    def change(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{path} has no {old!r}"
        self.write(path, text.replace(old, new, 1))

    def run(self, **options: Any) -> str:
        """The name of the run's record."""
        page = run(RunRequest(**options), RecordingReporter(), folder=self.folder)
        assert page.status == 0, page.blocks
        return Path(page.data["record"]).stem

    def why(self, result: str, against: str = "", budget: float = 10) -> Page:
        return why(WhyRequest(result, against, budget), RecordingReporter(), folder=self.folder)


@dataclass(frozen=True)
class Case:
    """`plant` changes the project after its first run, whose record is what is asked about. `causes` are (factor, part of the name) of what must be named,
    and nothing else may be. `before` and `after` are variables of the first run and of the question; `prepare` changes the project before its first run;
    `packages` are other versions for the first run and for the question. `ask` is what is asked about, where it is not that record.
    """

    name: str
    files: Callable[[], Files]
    plant: Callable[[Place], None] = lambda place: None
    causes: tuple[tuple[str, str], ...] = ()
    outcome: str = "explained"
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Place], None] = lambda place: None
    packages: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    ask: str = ""


@contextlib.contextmanager
def variables(values: Mapping[str, str]) -> Iterator[None]:
    old = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in old.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def own_environment(packages: tuple[str, ...]) -> Path:
    assert not packages, "this interpreter's environment stays as it is"
    return Path(sys.prefix)


def asked(case: Case, folder: Path, environment: Callable[[tuple[str, ...]], Path] = own_environment) -> Page:
    """Make the pair and ask why. `environment` makes one with these versions beside what the projects need."""
    place = Place(folder, environment(case.packages[0]))
    place.make(case.files())
    case.prepare(place)
    with variables(case.before):
        result = place.run()
    place.commit("a run")
    case.plant(place)
    if case.packages[1]:
        (folder / ".venv").unlink()
        (folder / ".venv").symlink_to(environment(case.packages[1]))
    with variables(case.after):
        return place.why(case.ask or result)


def named(page: Page) -> set[tuple[str, str]]:
    """(factor, name) of everything that is called a cause."""
    verdicts = [each for each in page.data["verdicts"] if each["effect"] in ("whole", "part")]
    sources = page.data["noise"]["sources"] if page.data["noise"] and page.data["outcome"] == "noise" else []
    return {(each["factor"], each["name"]) for verdict in (*verdicts, *sources) for each in verdict["differences"]}


def verdict(case: Case, page: Page) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(planted causes that are not named, innocent ones that are)"""
    found = named(page)
    missed = [cause for cause in case.causes if not any(cause[0] == factor and cause[1] in name for factor, name in found)]
    accused = [each for each in sorted(found) if not any(factor == each[0] and part in each[1] for factor, part in case.causes)]
    return missed, accused
