"""What crosses between stages: what the replay tries, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from ferrata.records.observation import Observation
from ferrata.records.plan import Plan


def trials(plan_: Plan) -> list[dict[str, object]]:
    """What the replay has to write and read back, and after which statement; what is read by nobody (the model) right after its last fit."""
    last = {stage.name: stage.statements[-1] for stage in plan_.stages}
    places: dict[int, list[str]] = {}
    for crossing in plan_.crossings:
        if not crossing.name.startswith("<"):
            places.setdefault(last.get(crossing.written_by, crossing.after) if crossing.read_by else crossing.after, []).append(crossing.name)
    return [{"after": after, "names": names} for after, names in places.items()]


# Values that live in a process and in no file.
_BOUND_TO_THE_PROCESS = ("tensorflow.python.data.", "builtins.generator", "_io.", "builtins.module", "tensorflow.python.eager.")


def unwritable(plan_: Plan, observation: Observation) -> list[str]:
    types = {value.name: value.type for trace in observation.traces for value in trace.values}
    return [c.name for c in plan_.crossings if c.read_by and types.get(c.name, "").startswith(_BOUND_TO_THE_PROCESS)]


def formats_of(plan_: Plan, replay: Observation) -> dict[tuple[str, str], tuple[str, str]]:
    found: dict[tuple[str, str], tuple[str, str]] = {}
    tested: Mapping[str, tuple[str, str]] = {c["name"]: (c["format"], c["suffix"]) for c in replay.crossings if c.get("format")}
    for crossing in plan_.crossings:
        if crossing.name in tested:
            found[crossing.written_by, crossing.name] = tested[crossing.name]
        elif crossing.name in ("<random numpy>", "<random random>", "<random torch>"):
            found[crossing.written_by, crossing.name] = ("", ".json")
    return found


def trusted_types(replay: Observation, plan_: Plan) -> tuple[str, ...]:
    crossing = {name for crossing in replay.crossings for name in crossing.get("trusted", ())}
    return tuple(sorted(crossing | {name for frozen in plan_.frozen for name in frozen.trusted}))
