"""What the prediction function answered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferrata.records.signature import Signature


@dataclass(frozen=True)
class Answers:
    """`answers`: one for each row, in order: `prediction` and perhaps `probabilities`, or `rejected` with row, field and message. `signature` is the
    content of `model/signature.json`; `written` the file that the answers were written to."""

    project: Path
    source: str
    answers: tuple[dict[str, Any], ...]
    signature: Signature
    written: Path | None = None

    @property
    def rejected(self) -> int:
        return sum(1 for answer in self.answers if "rejected" in answer)
