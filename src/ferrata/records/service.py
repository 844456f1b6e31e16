"""The model of a project as a service: what was asked for, and what replaying the proof rows through it gave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferrata.records.proof import Level
from ferrata.records.signature import Signature


@dataclass(frozen=True)
class ServeRequest:
    """`is_proof` replays the proof rows and ends; otherwise the service runs until it is told to end."""

    host: str = "127.0.0.1"
    port: int = 8000
    is_proof: bool = False


@dataclass(frozen=True)
class ProofRow:
    """One raw input, and the answer that the notebook gives to it. `file` is the image to send, where the input is one."""

    input: dict[str, Any]
    output: dict[str, Any]
    file: Path | None = None


@dataclass(frozen=True)
class Way:
    """One way to ask: `rows` answered, `mismatches` of them unlike the expected, the first of these with both sides."""

    name: str
    rows: int
    mismatches: int
    level: Level
    first: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Grouping:
    """Whether rows that are asked for together get the answers that they get alone, and up to how many at once that was seen."""

    level: Level
    most_rows: int
    sizes: tuple[int, ...] = ()

    @property
    def is_proved(self) -> bool:
        return self.most_rows > 1 and self.level in (Level.IDENTICAL, Level.EQUAL)


@dataclass(frozen=True)
class ServiceProof:
    """`identity` is what answered: hashes of model, code, lock and service. `ways` is empty where there are no proof rows."""

    level: Level
    ways: tuple[Way, ...]
    grouping: Grouping
    identity: dict[str, Any]
    of: str = ""


@dataclass(frozen=True)
class Serving:
    """A service that runs, or ran: `url`, the signature it answers to, its proof, and what `evidence/` says where that is of this very service."""

    project: Path
    url: str
    signature: Signature
    proof: ServiceProof | None = None
    recorded_level: str = ""
    needs_key: bool = False
    written: tuple[str, ...] = ()
