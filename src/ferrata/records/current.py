"""The author's statements as they were run: the text of the notebook with every edit applied."""

from __future__ import annotations

from dataclasses import dataclass

from ferrata.records.notebook import Notebook, Statement


@dataclass(frozen=True)
class CurrentCode:
    """`sources[i]` is what statement i read like when it ran; statements absent from it were left out (broken cells)."""

    notebook: Notebook
    sources: dict[int, str]

    def statement(self, index: int) -> Statement:
        return self.notebook.statements[index]

    def cell(self, index: int) -> int:
        return self.notebook.statements[index].cell
