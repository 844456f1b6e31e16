"""Small pictures of rows that are files of images.

Which file a row is, the proof rows say: `adopt` found for each row of the test set the file that it was made of, to the last bit. That the rows that are
compared are still these is proved as for tables: there are as many, and the folders of the files give the recorded truth of all of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ferrata.programs import thumbnails as programs
from ferrata.records.evidence import Flip, Side
from ferrata.records.signature import PROOF_ROWS
from ferrata.world import process


def with_pictures(flips: Sequence[Flip], rows: Sequence[int], side: Side, project: Path, python: Path) -> tuple[Flip, ...]:
    """`rows` are the numbers of the flips in the predictions of `side`, which lies in `project`. As they are where no file is known."""
    files = _files(project, side.columns["truth"].tolist()) if flips else []
    if not files:
        return tuple(flips)
    outcome = process.run(programs.thumbnails(python, [files[row] for row in rows]))
    text = outcome.output.partition("THUMBNAILS")[2]
    if outcome.status != 0 or not text:
        return tuple(flips)
    return tuple(replace(flip, picture=picture) for flip, picture in zip(flips, json.loads(text), strict=True))


def _files(project: Path, truth: Sequence[Any]) -> list[Path]:
    """The file of each row; [] where that is not proved."""
    place = project / PROOF_ROWS
    try:
        inputs = [json.loads(line)["input"] for line in place.read_text(encoding="utf-8").splitlines()]
        files = [project / str(each["file"]) for each in inputs]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    folders = [file.parent.name for file in files]
    is_known = len(files) == len(truth) and len(set(folders)) > 1 and all(file.is_file() for file in files)
    pairs = set(zip(folders, map(str, truth), strict=False))
    return files if is_known and len(pairs) == len(set(folders)) == len(set(map(str, truth))) else []
