"""The record of one run of the notebook under the observer.

Built from the JSON lines that the observer appends while it runs (`ferrata/observer/README.md` has the protocol), so that a
killed kernel still leaves every statement that ended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Site:
    """A span in a statement's source, 1-based lines and 0-based columns as `ast` counts them (UTF-8 bytes), relative to the statement's `source`."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Value:
    """What a name was bound to after a statement.

    `token` is the object's identity in the observed process (equal tokens: aliases); `fingerprint` a digest of its content,
    `exact` False when it was sampled; `type` is module-qualified ("pandas.core.frame.DataFrame"); `summary` holds shape, dtype,
    columns, length … as far as they are cheap to tell.
    """

    name: str
    type: str
    token: str
    fingerprint: str
    exact: bool = True
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One call, made by the author's own code, that reading the notebook hinges on.

    `kind`: `fit`, `transform`, `predict`, `score` (a number about predictions), `split`, `load`, `save`.
    `function` is the resolved name ("sklearn.metrics._classification.accuracy_score", "xgboost.sklearn.XGBClassifier.fit");
    `receiver` the token of the object whose method it is ("" for functions) and `receiver_type` its type; `arguments`
    maps position or keyword to token, `argument_names` to the plain name written there, where one was;
    `result` the token of what came back; `rows` the number of rows of the first data argument;
    `seen` the share of these rows that were among the rows the receiver was fitted on (None: not known);
    `statement` is the statement whose source holds the site (-1: the one that ran): a call inside the author's function has the function's;
    `model` what the receiver is: `classifier`, `regressor`, `clusterer`, `transformer`, `resampler`, `selector`, `search`, `network`, `forecaster`,
    `own` (a class of the author's with `fit` and `predict`), "".
    """

    kind: str
    function: str
    site: Site
    receiver: str = ""
    receiver_type: str = ""
    receiver_name: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    argument_names: dict[str, str] = field(default_factory=dict)
    result: str = ""
    rows: int | None = None
    seen: float | None = None
    model: str = ""
    predictions: str = ""
    statement: int = -1


@dataclass(frozen=True)
class Number:
    """A numeric value that appeared at a site: a score, a printed number, a displayed one. `value` is JSON (number, nested list, string).

    `role`: `score`, `printed`, `displayed`, `assigned`; `statement` as in Call.
    """

    site: Site
    value: Any
    role: str
    name: str = ""
    statement: int = -1


@dataclass(frozen=True)
class Trace:
    """What one top-level statement did.

    `reads`: global names it used, through the author's own helpers too. `binds`, `deletes`: names it bound or removed.
    `mutates`: names whose object changed content without being rebound (all aliases listed). `consumes`, `seeds`:
    streams of random numbers drawn from, or put in a known state ("numpy", "random", "torch", "tensorflow"). `state`: other process state it
    changed ("pyplot", "pyplot.style", "pandas.options", "torch.config", "cwd", "environ", "warnings"). `draws`: it changed a figure.
    `idle`: of `mutates`, the tables that its text changes and whose content stayed the same (`dataflow/idle.py`).
    """

    index: int
    reads: tuple[str, ...] = ()
    binds: tuple[str, ...] = ()
    mutates: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    consumes: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    draws: bool = False
    files_read: tuple[str, ...] = ()
    files_written: tuple[str, ...] = ()
    files_named: tuple[str, ...] = ()
    paths_named: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    numbers: tuple[Number, ...] = ()
    printed: str = ""
    displayed: str = ""
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    complete: bool = True
    idle: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """The exception that stopped the run: `index` of the statement, `line` in it, last lines of the traceback in the author's code first."""

    index: int
    cell: int
    line: int
    type: str
    message: str
    traceback: str = ""
    filename: str = ""


@dataclass(frozen=True)
class Observation:
    """One run. `finished` False means a failing cell (`failure`) or a killed process (`failure` with type "Killed" or "Timeout").

    `crossings`: for each name tried after a statement, `after`, `name` and what the trial of the serialisers gave (`format`, `suffix`,
    `trusted`, `tried` … or `error`).
    """

    traces: tuple[Trace, ...]
    finished: bool
    folder: Path
    failure: Failure | None = None
    seconds: float = 0.0
    peak_memory: int = 0
    python_version: str = ""
    seed: int | None = None
    hash_seed: int | None = None
    crossings: tuple[dict[str, Any], ...] = ()
