"""What a cause may look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from ferrata.records.environment import Environment
from ferrata.records.notebook import Cell, Notebook, Statement
from ferrata.records.observation import Failure
from ferrata.steps.repairs.engine import installed

Answer = tuple[str, str]


_TRACEBACK = "Traceback (most recent call last):"


def without_scratch(text: str, environment: Environment) -> str:
    """Paths as the author knows them: the run's folder lies beside the environments' (one folder deep), and what is in it is the notebook's folder."""
    for folder in (environment.folder.resolve(), environment.folder):
        if len(folder.parents) > 2:
            text = re.sub(rf"{re.escape(str(folder.parents[1]))}/[^/\s'\"]+/", "", text)
    return text


@dataclass(frozen=True)
class Scene:
    failure: Failure
    notebook: Notebook
    environment: Environment

    @cached_property
    def packages(self) -> dict[str, str]:
        return installed(self.environment)

    @property
    def type(self) -> str:
        """The exception's class without its module."""
        return self.failure.type.rpartition(".")[2]

    @cached_property
    def message(self) -> str:
        """Without terminal colours, and paths of the scratch folder as the author knows them."""
        return self._told(re.sub(r"\x1b\[[0-9;]*m", "", self.failure.message))

    @property
    def filename(self) -> str:
        return self._told(self.failure.filename)

    def _told(self, text: str) -> str:
        return without_scratch(text, self.environment)

    @property
    def text(self) -> str:
        """ "Type: message" of the failure, and of what led to it."""
        return f"{self.type}: {self.message}\n{self.failure.traceback}"

    @cached_property
    def first_line(self) -> str:
        lines = [line.strip() for line in self.message.strip().splitlines() if line.strip()]
        line = lines[0] if lines else ""
        if _TRACEBACK in lines[1:]:  # the error of a trial, a worker, a callback, told in the message of another one
            line = f"{line.rstrip('.')}: {lines[-1]}"
        return line if len(line) <= 200 else line[:197] + "…"

    @cached_property
    def statement(self) -> Statement | None:
        return next((one for one in self.notebook.statements if one.index == self.failure.index), None)

    @property
    def line(self) -> int:
        """1-based line in the cell."""
        return self.failure.line + (self.statement.line - 1 if self.statement else 0)

    @cached_property
    def cell(self) -> Cell | None:
        return next((one for one in self.notebook.cells if one.number == self.failure.cell), None)

    @cached_property
    def failed_before(self) -> bool:
        """Whether the cell's saved output is an error of the same type."""
        outputs = self.cell.outputs if self.cell else ()
        return bool(self.type) and any(output.kind == "error" and self.type in output.text for output in outputs)

    @property
    def place(self) -> str:
        return f"Cell {self.failure.cell}"

    def search(self, pattern: str) -> re.Match[str] | None:
        """In the type and message alone."""
        return re.search(pattern, f"{self.type}: {self.message}", re.DOTALL)
