"""A notebook as its author wrote it: cells in order, with their saved outputs (claims, not truths)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Output:
    """One saved output of a cell.

    `kind` is nbformat's output type (`stream`, `execute_result`, `display_data`, `error`); `text` its plain text
    (for an error: name, value and traceback without colours).
    """

    kind: str
    text: str = ""
    has_image: bool = False


@dataclass(frozen=True)
class Magic:
    """A line that is IPython's and not Python's: `%name`, `%%name`, `!command`, `x = !command`.

    `kind` is `line`, `cell` or `shell`; `meaning` says what reading made of it: `nothing` (display only), `requirement`,
    `download`, `code` (kept as Python, e.g. the body of `%%time`), `chdir`, `script` (a declared step or a finding),
    `unsupported` (`reason` says why). `downloads` are pairs of URL and the file it is saved as.
    """

    cell: int
    line: int
    kind: str
    name: str
    text: str
    meaning: str
    reason: str = ""
    downloads: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Statement:
    """One top-level statement of one code cell.

    `index` counts statements over the whole notebook from 0. `line`/`end_line` are 1-based lines of `Cell.python`, of
    the statement itself (decorators included); `source` is exactly these lines dedented, `comments` the comment lines
    directly above. `column` > 0 when several statements share a line (`a = 1; b = 2`), then `source` is only this one.
    """

    index: int
    cell: int
    line: int
    end_line: int
    source: str
    comments: str = ""
    column: int = 0


@dataclass(frozen=True)
class Cell:
    """A code cell. `number` counts code cells from 1, empty ones included; `heading` is the nearest markdown heading above.

    `source` is the author's text; `python` the same number of lines with magics replaced by Python (see `source.magics`).
    """

    number: int
    source: str
    python: str
    statements: tuple[Statement, ...] = ()
    outputs: tuple[Output, ...] = ()
    execution_count: int | None = None
    heading: str = ""


@dataclass(frozen=True)
class BrokenCell:
    """A code cell that is no Python 3 and was left out. `kind`: `python2`, `prose`, `unfinished`, `conflict`, `escape`,
    `newer-python`, `other`.

    `cause` is one sentence; `failed_before` is True when its saved output is that very error, so nothing of it ever ran.
    """

    cell: int
    line: int
    cause: str
    kind: str
    failed_before: bool = False


@dataclass(frozen=True)
class Notebook:
    """The notebook file as read. `python_version` is what its metadata claims ("3.7.3"), "" where it says nothing.

    `broken` are the cells left out because they are no Python; `answers` what was typed at each `input()`, in order, as far as saved outputs show it.
    `cells` stand in the order in which they are run; `run_order` names them where that is not the order of the file.
    """

    path: Path
    sha256: str
    cells: tuple[Cell, ...]
    magics: tuple[Magic, ...] = ()
    python_version: str = ""
    title: str = ""
    requirements: tuple[str, ...] = ()
    downloads: tuple[str, ...] = ()
    broken: tuple[BrokenCell, ...] = ()
    answers: tuple[str, ...] = ()
    run_order: tuple[int, ...] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(statement for cell in self.cells for statement in cell.statements)
