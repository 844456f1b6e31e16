"""The notebooks of these tests are written by hand (`tests/by_hand.py`), planned and written for real, and their modules run."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_spec = importlib.util.spec_from_file_location("by_hand", Path(__file__).parents[1] / "by_hand.py")
assert _spec and _spec.loader
if "by_hand" not in sys.modules:
    sys.modules["by_hand"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["by_hand"])

from by_hand import by_index, code, observed  # noqa: E402
from ferrata.records.plan import Plan  # noqa: E402
from ferrata.steps.analysing.analyse import analyse  # noqa: E402
from ferrata.steps.planning.plan import PlanRequest, plan, with_formats  # noqa: E402
from ferrata.steps.writing.modules import Material  # noqa: E402
from ferrata.steps.writing.write import write  # noqa: E402


@dataclass
class Written:
    """A project written into `folder`."""

    folder: Path
    plan: Plan
    texts: dict[str, str]
    cells: tuple[str, ...]
    material: Any = None

    def module(self, name: str) -> str:
        return self.texts[f"src/{self.plan.package}/{name}.py"]

    @property
    def stages(self) -> list[str]:
        return [stage.name for stage in self.plan.stages]

    def run(self) -> dict[str, Any]:
        """The scores that the stages write, each run in a process of its own, from the project's folder."""
        for stage in self.plan.stages:
            script = self.folder / "src" / self.plan.package / f"{stage.name}.py"
            done = subprocess.run([sys.executable, str(script)], cwd=self.folder, capture_output=True, text=True)
            assert done.returncode == 0, f"{script.read_text()}\n{done.stderr[-1500:]}"
        return dict(json.loads((self.folder / "evaluation/metrics.json").read_text(encoding="utf-8")))

    def in_one(self) -> dict[str, Any]:
        """The author's names after the notebook ran from top to bottom."""
        names: dict[str, Any] = {"__name__": "author"}
        for cell in self.cells:
            exec(cell, names)
        return names


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Written]:
    def write_it(*cells: str, did: Mapping[str, Mapping[str, Any]], level: str = "three", headings: Mapping[int, str] | None = None,
                 format: tuple[str, str] = ("json", ".json"), formats: Mapping[str, tuple[str, str]] | None = None,
                 project: str = "shop") -> Written:
        book = code(*cells, headings=headings)
        run = observed(book, did, folder=tmp_path)
        planned = plan(book, run, analyse(book, run), PlanRequest(project, str(tmp_path / "author"), (), level))
        chosen = {(c.written_by, c.name): ("", ".json") if c.name.startswith("<") else (formats or {}).get(c.name, format) for c in planned.crossings}
        planned = with_formats(planned, chosen)
        result = write(Material(book, planned, by_index(run)))
        for path, text in result.texts.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
            if path.endswith(".py"):
                compile(text, path, "exec")
        return Written(tmp_path, planned, result.texts, cells, Material(book, planned, by_index(run)))

    return write_it
