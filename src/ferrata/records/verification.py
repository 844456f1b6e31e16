"""Whether a project builds elsewhere: where it was taken from, what would have stopped a colleague, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ferrata.records.proof import Comparison, Proof
from ferrata.records.run import StageRun

SUBJECT = "the pipeline in a new clone and a new environment, against the recorded results"


@dataclass(frozen=True)
class VerifyRequest:
    """`source` is a revision of this repository or the address of another, "" for what is pushed; with `is_kept` the clone stays."""

    source: str = ""
    is_kept: bool = False


def without_secret(address: str) -> str:
    """An address as it may be shown: no user, no password, no query."""
    if "://" not in address:
        return address
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


@dataclass(frozen=True)
class Origin:
    """Where the verified commit comes from.

    `kind`: `upstream` (what is pushed), `local` (this repository, as the branch is pushed nowhere), `revision` (of this repository), `address`.
    `place` is what git is given, `branch` the branch to take there; `subfolder` the project in the repository; `head` the commit that is checked out here;
    `remote` the name of the remote that it is pushed to, or could be.
    """

    kind: str
    place: str
    branch: str = ""
    commit: str = ""
    subfolder: str = ""
    head: str = ""
    root: Path | None = None
    remote: str = ""

    @property
    def shown(self) -> str:
        return without_secret(self.place)

    @property
    def words(self) -> str:
        if self.kind == "upstream":
            return f"what is pushed to {self.branch} at {self.shown}"
        if self.kind == "address":
            return f"the repository {self.shown}"
        return f"{self.branch} of this repository" if self.kind == "revision" else "the last commit of this repository"

    @property
    def is_head(self) -> bool:
        return bool(self.commit) and self.commit == self.head


@dataclass(frozen=True)
class Obstacle:
    """What would have stopped a colleague. `kind` is a stable word; with `stops` it does, without it is worth knowing."""

    kind: str
    what: str
    where: str
    todo: str
    stops: bool = True


@dataclass(frozen=True)
class Verification:
    """`outcome`: `verified`, `different`, `not-comparable`, or `does-not-build`, where there is no proof.

    `artifacts` are compared by their digests; they do not decide where there are scores or predictions. `conditions` say how it was run.
    `evidence` are the files that were written, relative to the project, `unwritten` why they were not; `kept` is the clone, where it was to stay.
    """

    name: str
    outcome: str
    origin: Origin
    runs: tuple[StageRun, ...] = ()
    proof: Proof | None = None
    artifacts: tuple[Comparison, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()
    evidence: tuple[str, ...] = ()
    unwritten: str = ""
    kept: Path | None = None
