"""The door without the house: `ferrata.flow` is a fake that does what a test says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

import ferrata
from ferrata.cli import main
from ferrata.records.page import Page, Text
from ferrata.records.request import AdoptRequest


@dataclass
class FakeFlow:
    """`act` stands for the story; `requests` is what the door asked of it."""

    act: Callable[[AdoptRequest, Any], Page] = lambda request, reporter: Page("Done", (Text("all of it"),), {"outcome": "proved"})
    requests: list[AdoptRequest] = field(default_factory=list)

    def adopt(self, request: AdoptRequest, reporter: Any) -> Page:
        self.requests.append(request)
        return self.act(request, reporter)


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> FakeFlow:
    fake = FakeFlow()
    module = SimpleNamespace(adopt=fake.adopt)
    monkeypatch.setitem(sys.modules, "ferrata.flow", module)
    monkeypatch.setattr(ferrata, "flow", module, raising=False)
    return fake


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    def run(*arguments: str) -> Run:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        return Run(int(ended.value.code or 0), captured.out, captured.err)

    return run
