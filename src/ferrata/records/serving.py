"""A prediction function that was proved, with the files that make it part of the project."""

from __future__ import annotations

from dataclasses import dataclass, field

from ferrata.records.derivation import PredictProof


@dataclass(frozen=True)
class Serving:
    """`texts`: path in the project to content."""

    proof: PredictProof
    texts: dict[str, str] = field(default_factory=dict)
