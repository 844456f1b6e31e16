"""The prediction function: from one raw row to what the author's model answers, and what it needs from training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ferrata.records.observation import Site
from ferrata.records.plan import Change, Frozen
from ferrata.records.signature import Task


@dataclass(frozen=True)
class Fact:
    """What one expression of a statement was when the notebook's statements ran, seen from the rows of the data file.

    `kind`: `root` (the table as it was read), `rows`, `filter` (some of the rows of the expression at `source`), `columns` (some of its columns), `plain`
    (a value about all rows), `count` (the number of rows), `split`, `through` (a step on the way to one of these). `details` holds what belongs to a kind.
    """

    number: int
    statement: int
    site: Site
    kind: str
    call: str = ""
    source: Site | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """`live`: for each statement the names that hold rows after it, with the number of the root they come from; `names`: the other names it reads and how
    each can be kept; `answer`: what became of the notebook's predictions (`why` where they could not be followed); `folder` holds the arrays; `windows`:
    for each statement the names that hold windows of a series after it, and how they were cut.
    """

    by_statement: dict[int, tuple[Fact, ...]]
    live: dict[int, dict[str, int]]
    names: dict[int, dict[str, dict[str, Any] | None]]
    answer: dict[str, Any]
    folder: str = ""
    windows: dict[int, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def at(self, statement: int, site: Site) -> Fact | None:
        return next((fact for fact in self.by_statement.get(statement, ()) if fact.site == site), None)

    def numbered(self, number: int) -> Fact | None:
        return next((fact for facts in self.by_statement.values() for fact in facts if fact.number == number), None)


@dataclass(frozen=True)
class Obstacle:
    """The statement that stands in the way, and why; `statement` -1: none in particular."""

    statement: int
    why: str


@dataclass(frozen=True)
class Unit:
    """One piece of the prediction function: `text` as it is written there, of statement `statement`; `binds` and `reads` its names."""

    statement: int
    text: str
    binds: frozenset[str]
    reads: frozenset[str]


@dataclass(frozen=True)
class Lags:
    """A question is a row of the data file and the `before` rows before it, with the same values of `keys` if there are any. `order` is the number of the
    order in which the rows followed one another (`order_N.npy` of the facts)."""

    before: int
    keys: tuple[str, ...]
    order: int


@dataclass(frozen=True)
class Derivation:
    """What `predict.py` is written from.

    `root` is the statement that reads the data file with `reading` the author's call, `raw` the names its rows get. `definitions` are statements of the
    author's that stand at the top of the module, `nested` those that need recorded values. `units` are in order, `answer` is the expression of the
    predictions, `probabilities` of the model's probabilities ("" where it gives none). `frozen` are the values recorded at training time and `changes`
    the edits by which the pipeline records them. Where files of images are asked about, `images` is what the observer found of the model's answers to them
    (None for a table), and `helper` a function of ours that the probabilities need. `steps`: how many the notebook forecasts, where a
    series is asked about; `window`: of how many rows in order a question is, where it is a window of a series, and `step` how far apart these are.
    `is_prepared`: what is asked about are rows as the pipeline prepares them, not those of a data file; `is_of_library`: the data set comes with a library,
    and `data` is the function that loads it.
    `is_by_content`: files of images are opened by a function of ours, which takes their content as well as their path. `lags`: a question is a row with
    those before it. `left` are columns that cannot be made for one row and were left out; `doubt` is what speaks against the
    rest; `otherwise` what is tried where this cannot be proved.
    """

    reading: str
    data: str
    units: tuple[Unit, ...]
    definitions: tuple[int, ...]
    nested: tuple[tuple[int, str], ...]
    imports: tuple[str, ...]
    answer: str
    model: str
    probabilities: str
    classes: tuple[Any, ...]
    frozen: tuple[Frozen, ...]
    changes: tuple[Change, ...]
    columns: tuple[str, ...]
    images: dict[str, Any] | None = None
    helper: str = ""
    steps: int = 0
    window: int = 0
    step: int = 1
    is_prepared: bool = False
    is_of_library: bool = False
    is_by_content: bool = False
    lags: Lags | None = None
    left: tuple[Obstacle, ...] = ()
    doubt: Obstacle | None = None
    otherwise: Derivation | None = None


@dataclass(frozen=True)
class Rehearsal:
    """What trying the function on the author's rows gave: which columns are inputs, what stands in for columns that the code touches and the answer does
    not depend on, which units are left out and which names in lists of columns, what is known of inputs and outputs. `order`: the column that says in which
    order the rows follow one another, whether it holds dates, and whether the earliest comes first; None for the order of the data file. `scaled`: the
    column that the notebook predicts on a scale of its own, "" for none.
    """

    inputs: tuple[dict[str, Any], ...]
    fillers: dict[str, Any]
    dropped: tuple[int, ...]
    unlisted: tuple[str, ...]
    labels: tuple[tuple[Any, Any], ...]
    inverse: str
    example: dict[str, Any]
    task: Task
    order: tuple[str, bool, bool] | None = None
    scaled: str = ""


@dataclass(frozen=True)
class Kept:
    """Raw rows with the notebook's own answers, one JSON object a line in `text`. `rows` of them; `unwritable`: how many JSON cannot hold."""

    text: str
    rows: int
    unwritable: int = 0


@dataclass(frozen=True)
class PredictProof:
    """`rows` compared in batch, `single` of them one by one too; `mismatches` of both together. `of`: which rows; `bound`: as in the signature; `what`:
    rows, rows in order (with those before them), windows, or images; `note`: what else is to be known of the answers."""

    rows: int
    single: int
    mismatches: int
    level: str
    of: str
    probabilities: str = ""
    largest_difference: float | None = None
    bound: float | None = None
    seconds: float = 0.0
    first: tuple[str, ...] = ()
    where: str = ""
    what: str = "rows"
    note: str = ""
