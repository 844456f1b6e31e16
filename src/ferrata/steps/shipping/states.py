"""The state of a target as JSON: read with doubt, written with every key."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.shipping import Placed, Release, State

FILE = "state.json"
_VERSION = 1


def to_text(state: State) -> str:
    """`port` is the one that serves, for the proxy; 0 for none."""
    found = {"schema_version": _VERSION, "port": state.serving.port if state.serving else 0, **dataclasses.asdict(state)}
    return json.dumps(found, indent=2) + "\n"


def from_text(text: str, where: str) -> State:
    """ProjectError for what is no state of ours."""
    if not text.strip():
        return State()
    try:
        found = json.loads(text)
        if found["schema_version"] != _VERSION:
            raise ValueError(f"its schema_version is {found['schema_version']}")
        pending = _placed(found["pending"]) if found["pending"] else None
        return State(tuple(map(_placed, found["placed"])), int(found["current"]), pending, found["engine"], int(found.get("draining", 0)))
    except (ValueError, KeyError, TypeError) as error:
        todo = "Move the file aside; what runs there goes on, and the next `ferrata ship` begins anew beside it."
        raise ProjectError(f"The state of the target cannot be read: {error}", where=where, todo=todo) from error


def _placed(found: dict[str, Any]) -> Placed:
    return Placed(**{**found, "release": Release(**found["release"])})
