"""What the project will be: stages, what crosses between them, parameters, data, scores, the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ferrata.records.analysis import Model, Score
from ferrata.records.observation import Site


@dataclass(frozen=True)
class Change:
    """Replace characters `start` to `end` of one statement's current source (repairs applied) by `text`; `start == end` inserts."""

    statement: int
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Parameter:
    """A literal that moves to params.yaml: `section.key`, and the change that reads it from there."""

    section: str
    key: str
    value: Any
    change: Change


@dataclass(frozen=True)
class DataFile:
    """An input file or folder. `observed` is its path in the scratch workspace, `path` where it lies in the project (posix, relative).

    `readers` are the statements that read it, `named_by` those that have its path, or that of its folder, at hand; `url` is where it was downloaded from, ""
    for a file of the author's.
    """

    observed: str
    path: str
    is_folder: bool = False
    readers: tuple[int, ...] = ()
    url: str = ""
    named_by: tuple[int, ...] = ()


@dataclass(frozen=True)
class Crossing:
    """A variable (or the state of a random stream, name "<random numpy>") that one stage writes and later ones read."""

    name: str
    written_by: str
    read_by: tuple[str, ...]
    after: int
    format: str = ""
    suffix: str = ""
    path: str = ""


@dataclass(frozen=True)
class PlannedStage:
    """`statements` in the order they run; `plots` file stems it draws."""

    name: str
    statements: tuple[int, ...]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    plots: tuple[str, ...] = ()
    streams_in: tuple[str, ...] = ()
    streams_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class PredictionPlan:
    """Where the main model's per-row predictions are: after `statement`, as expressions of its source; "" where there is none.

    `array` is the file the observer saved them in (expected values), "" when the observation holds none. `rows` is what was predicted for and `model` what
    predicted, "" where they are not at hand there; `made_at` is the statement that predicts, whose stage has them. `is_asked`: the model gave them for
    rows; else they are other data that was made of it. `call`: the author's own call that must have given the very same, where that is not sure.
    """

    statement: int
    truth: str
    prediction: str
    array: str = ""
    rows: str = ""
    model: str = ""
    made_at: int = -1
    is_asked: bool = True
    call: Site | None = None


@dataclass(frozen=True)
class Frozen:
    """A value of the training data that the prediction function needs (a mean, a fitted scaler): `stage` writes it to `path`, in the author's names `name`.

    `by_key`: a dictionary, one entry for each turn of the author's loop. `trusted` are types that its file may build. `is_asked`: a network that was told
    to be trained no more (`eval()`) after it was written.
    """

    name: str
    path: str
    format: str
    statement: int
    by_key: bool = False
    trusted: tuple[str, ...] = ()
    is_model: bool = False
    is_asked: bool = False


@dataclass(frozen=True)
class Plan:
    """`level`: `three`, `two`, `one` stages or `script` (the notebook as one seeded script).

    `shared` are definitions that live in the importable module `functions.py`; `dropped` the statements that fall away; `changes` all edits to
    apply on the current source; `questions` pairs (question, default taken).
    """

    project: str
    package: str
    level: str
    stages: tuple[PlannedStage, ...]
    crossings: tuple[Crossing, ...]
    scores: tuple[Score, ...]
    parameters: tuple[Parameter, ...]
    data: tuple[DataFile, ...]
    changes: tuple[Change, ...]
    shared: tuple[int, ...] = ()
    model: Model | None = None
    model_stage: str = ""
    model_after: int = -1
    predictions: PredictionPlan | None = None
    seed: int | None = None
    dropped: tuple[int, ...] = ()
    questions: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    frozen: tuple[Frozen, ...] = ()
