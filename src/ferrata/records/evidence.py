"""What a comparison of two versions is about, and what came out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class CompareRequest:
    """Two revisions, "" for the default: `first` is what is compared with (the main branch), `second` what is asked about (the working tree).

    `slices`: names of columns, or ("auto",). `margin`: a difference that does not matter; absolute for scores without a unit, else a share of the first's.
    `seeds`: how many times both versions are trained again, 0 for not at all.
    """

    first: str = ""
    second: str = ""
    score: str = ""
    margin: float = 0.01
    slices: tuple[str, ...] = ("auto",)
    is_common: bool = False
    seeds: int = 0


@dataclass(frozen=True)
class Version:
    """`name` is what the user calls it, `commit` where it stands; `uncommitted` are files of the working tree that differ from it."""

    name: str
    commit: str = ""
    uncommitted: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        changed = f", {len(self.uncommitted)} file{'s' if len(self.uncommitted) > 1 else ''} not committed" if self.uncommitted else ""
        return f"{self.name} ({self.commit[:7]}{changed})" if self.commit else self.name


@dataclass(frozen=True)
class Column:
    """Of the data file. `kind`: `number`, `category` (then `cells` are numbers of `categories`) or `text` (then there are no cells, only `digests`)."""

    name: str
    kind: str
    digests: Any
    cells: Any = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataRows:
    """The data file that the predicted rows were proved to come from: `places` are their numbers in it, by `way`; `target` is the column that proves it."""

    file: Path
    way: str
    places: Any
    target: str
    rows: int
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Side:
    """One version: its predictions by column, the data they are about where that is known, and what it cost. `params` and `metrics` by dotted name."""

    version: Version
    columns: dict[str, Any]
    data: DataRows | None = None
    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    model_bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Matched:
    """Rows that both versions were tested on: their numbers in the predictions of each, and in the data file of the second.

    `how`: what told that they are the same. The rest counts: tested by one version alone; of the first's, those that the second has in its data and did
    not test on (`moved`: it may have learned from them); rows with another truth; test rows of each whose content is also among rows not tested on.
    """

    first: Any
    second: Any
    how: str
    only_first: int = 0
    only_second: int = 0
    moved: int = 0
    relabelled: int = 0
    first_duplicates: int = 0
    second_duplicates: int = 0

    @property
    def count(self) -> int:
        return len(self.first)

    @property
    def is_whole(self) -> bool:
        return not (self.only_first or self.only_second or self.relabelled)


@dataclass(frozen=True)
class Flip:
    """A row that became wrong, or more wrong: what it was, what each version said, and the row itself with personal data masked. `picture` is a small PNG
    in base64 where the row is a file of an image.
    """

    row: str
    truth: str
    first: str
    second: str
    cells: dict[str, str] = field(default_factory=dict)
    picture: str = ""


@dataclass(frozen=True)
class Latency:
    """Seconds that one answer took: the median of so many `calls`, and the middle half of them from `low` to `high`."""

    calls: int
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Slice:
    """Rows with one value of a column, or a quarter of its numbers. `first` and `second` are accuracy or mean absolute error; `adjusted` by Holm."""

    column: str
    value: str
    rows: int
    first: float
    second: float
    p_value: float
    adjusted: float
    is_worse: bool


@dataclass(frozen=True)
class Uses:
    """How often this test set was used: `versions` that were looked at on it, and by how many standard errors the best of as many equal ones looks better."""

    versions: int = 0
    luck: float = 0.0


@dataclass(frozen=True)
class Judged:
    """One score of both versions. `low` and `high` are the 95 % interval of second - first, NaN where there is none; `p_value` is of `test`, `adjusted`
    after Holm's correction (its own where it is the main score). `margin` is in the unit of the score. `rows_to_tell` counts all rows, 0 where told.
    """

    name: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    standard_error: float
    p_value: float
    adjusted: float
    test: str
    margin: float
    equivalence: float
    verdict: str
    rows_to_tell: float = 0.0
    is_main: bool = False
    is_up_better: bool = True


@dataclass(frozen=True)
class Retrained:
    """Both versions were trained again with the same seeds. `kind`: `training` (the same test rows), `split` (test rows of each seed's own) or `still` (no
    prediction depends on a seed). `parameters` are those that were given other values, `seeds` pairs of trainings ended, `failed` did not.
    """

    kind: str
    parameters: tuple[str, ...]
    seeds: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Compared:
    """`outcome`: `compared`, `compared on common rows` or `not comparable` (then `why` says it in sentences). `noise` is the deviation of each score over
    trainings where it is known, from `noise_source`; `retrained` how both were trained again for this comparison.
    """

    outcome: str
    first: Side
    second: Side
    matched: Matched | None = None
    judged: tuple[Judged, ...] = ()
    why: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fixed: int = 0
    broken: int = 0
    flips: tuple[Flip, ...] = ()
    slices: tuple[Slice, ...] = ()
    tried_slices: int = 0
    uses: Uses = field(default_factory=Uses)
    noise: dict[str, float] = field(default_factory=dict)
    noise_source: str = ""
    retrained: Retrained | None = None
    classes: tuple[str, ...] | None = None
    confusions: tuple[Any, ...] = ()
    calibrations: tuple[Any, ...] = ()
    scatter: tuple[Any, ...] = ()
    changed: tuple[str, ...] = ()
    latencies: tuple[Latency, ...] = ()


@dataclass(frozen=True)
class NoiseRequest:
    """`seeds`: how many trainings of each kind; `jobs`: how many at once, 0 for one a core."""

    seeds: int = 8
    jobs: int = 0


@dataclass(frozen=True)
class Spread:
    """Of one score over repeated trainings: `low` and `high` bound the standard deviation with 95 % (chi-square, for values that are about normal)."""

    count: int
    mean: float
    deviation: float
    low: float
    high: float
    least: float
    most: float


@dataclass(frozen=True)
class Moved:
    """How much scores move when only chance changes. `kind`: `training` (the same test rows) or `split` (other test rows, and with them the training).

    `parameters` are those that were given other values; `scores` the values of each score, the recorded one first; `spreads`
    say what they tell; `failed` are trainings that stopped.
    """

    kind: str
    parameters: tuple[str, ...]
    scores: dict[str, tuple[float, ...]]
    spreads: dict[str, Spread]
    failed: int = 0


@dataclass(frozen=True)
class Measured:
    """What `ferrata noise` measured of `commit`; `still` are parameters that look like seeds and change no prediction."""

    name: str
    commit: str
    moved: tuple[Moved, ...] = ()
    still: tuple[str, ...] = ()
    main: str = ""


@dataclass(frozen=True)
class Rule:
    """Of the gate: a bound for a score of the second version, on its own test rows."""

    text: str
    score: str
    sign: str
    bound: float
    value: float = 0.0
    holds: bool = True


@dataclass(frozen=True)
class Posted:
    """A comment in a pull request: `is_new` or changed; `no_status` says why the commit has no status, "" where it has."""

    forge: str
    number: int
    url: str
    is_new: bool
    no_status: str = ""


@dataclass(frozen=True)
class Shelved:
    """The drawings of a comment: `addresses` by name, in `commit` of the branch; `why` says why they are not there."""

    commit: str = ""
    addresses: dict[str, str] = field(default_factory=dict)
    why: str = ""
    branch: str = "ferrata-reports"


@dataclass(frozen=True)
class Workflow:
    """What `ferrata ci` writes: text by path in the project, and what the user has to do by hand, a sentence each."""

    forge: str
    files: dict[str, str]
    needs: tuple[str, ...]
