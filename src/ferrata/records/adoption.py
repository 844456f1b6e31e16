"""What became of one `ferrata adopt`: the last record of the story, and all that its page and its JSON need."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ferrata.records.derivation import PredictProof
from ferrata.records.edit import Edit
from ferrata.records.environment import Environment
from ferrata.records.finding import Finding
from ferrata.records.plan import Plan
from ferrata.records.proof import Proof


class AdoptOutcome(str, Enum):
    """`planned` only comes from a dry run, which proves nothing."""

    PROVED = "proved"
    PROVED_COARSE = "proved-coarse"
    DIFFERENT = "different"
    NOT_RUN = "not-run"
    REFUSED = "refused"
    PLANNED = "planned"


@dataclass(frozen=True)
class Cause:
    """Why it ended without a proof: the sentence, the place in the notebook (0: nowhere in particular), what helps, what was tried.

    `kind` is a stable word for programs: `usage`, `notebook`, `environment`, `run`, `nothing-to-adopt`, `project`, `proof`, `outside`,
    `interrupted`, `bug`.
    """

    kind: str
    what: str
    where: str = ""
    todo: str = ""
    cell: int = 0
    line: int = 0
    tried: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timing:
    step: str
    seconds: float


@dataclass(frozen=True)
class LeftOut:
    """A statement that the project was made without: its place, its first line, and the error it raises or what it needs."""

    cell: int
    line: int
    source: str
    why: str


@dataclass(frozen=True)
class Served:
    """What became of the prediction function. `level`: `raw` (it answers for a row as it stands in the data file; `proof` says how it was compared),
    `prepared` (it takes what the model was given, proved too) or `none`. `why` it is not `raw`, and the statement in the way, cell 0 where it is none in
    particular."""

    level: str
    proof: PredictProof | None = None
    why: str = ""
    cell: int = 0
    line: int = 0
    source: str = ""


@dataclass(frozen=True)
class Adoption:
    """`project` is the delivered folder (None: nothing was delivered); `left_out` what the notebook was run without; `branch` of the project
    that has it all, where there was one already ("": the project is new);
    `notes` what the author should know beyond findings: choices, fallbacks.
    """

    outcome: AdoptOutcome
    notebook: Path
    project: Path | None = None
    plan: Plan | None = None
    proof: Proof | None = None
    environment: Environment | None = None
    findings: tuple[Finding, ...] = ()
    edits: tuple[Edit, ...] = ()
    timings: tuple[Timing, ...] = ()
    notes: tuple[str, ...] = ()
    cause: Cause | None = None
    left_out: tuple[LeftOut, ...] = ()
    served: Served | None = None
    branch: str = ""
