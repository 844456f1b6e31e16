"""`evidence/releases.jsonl`: one line for each thing that was done to a target, and for each that was refused."""

from __future__ import annotations

import dataclasses
import json

from ferrata.records.shipping import Release

FILE = "evidence/releases.jsonl"


def line(time: str, target: str, act: str, release: Release, replaced: str, why: str) -> str:
    """`act`: shipped, rolled-back, refused, down. `replaced` is the release that served before."""
    found = {"schema_version": 1, "time": time, "target": target, "act": act, "release": dataclasses.asdict(release), "replaced": replaced or None}
    return json.dumps({**found, **({"why": why} if why else {})}) + "\n"
