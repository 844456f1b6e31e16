"""The page of `ferrata run export`: the file, and what is in it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.records.amount import counted, memory
from ferrata.records.page import Page, Text
from ferrata.records.run_record import RunRecord


def export_page(project: Path, record: RunRecord, target: Path, size: int, content: Mapping[str, Any]) -> Page:
    texts, data, prints = content["texts"], content["data"], content["prints"]
    blocks = (
        Text(f"In it: {counted(len(texts), 'text')} of code and settings, hashes of {counted(len(data), 'data file')} ({len(prints)} by row), packages, "
             "parameters, machine, and what came out."),
        Text("No data is in it. A hash hides a value only as far as it cannot be guessed; what stands in the code is in it as it stands there.", "faint"),
        Text("A colleague asks, in a copy of the project:"),
    )  # fmt: skip
    data_ = {"schema_version": SCHEMA_VERSION, "outcome": "exported", "project": str(project), "run": record.id, "file": str(target), "bytes": size}
    title = f"{target.name}: the run of {record.started[:16].replace('T', ' ')}, {memory(size) if size >= 1_000_000 else f'{max(size, 1000) / 1000:.0f} kB'}"
    return Page(title, blocks, data_, f"ferrata why {shlex.quote(target.name)}")
