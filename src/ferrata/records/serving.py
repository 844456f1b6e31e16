"""A prediction function that was proved, with the files that make it part of the project."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ferrata.records.derivation import Kept, Obstacle, PredictProof


@dataclass(frozen=True)
class Serving:
    """`texts`: path in the project to content; `kept`: rows of the proof with their answers, which stay out of Git as the data does. `level`: `raw`, or
    `prepared` where the function takes what the model was given; `obstacle` then says what stands in the way of more."""

    proof: PredictProof
    texts: dict[str, str] = field(default_factory=dict)
    level: Literal["raw", "prepared"] = "raw"
    kept: Kept | None = None
    obstacle: Obstacle | None = None
