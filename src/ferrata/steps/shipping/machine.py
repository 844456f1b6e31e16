"""A rollout on one machine, as acts: start the new release beside the old one, prove it, switch, drain, keep the last ones.

The order is what makes a kill at any moment harmless. `pending` is saved before its container is started, so that the next command knows what was begun; the
old container is stopped last. What serves is always in `placed`, and nothing in `placed` that serves is ever removed here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ferrata.programs import engines
from ferrata.programs.engines import Container, Engine
from ferrata.records.command import Command
from ferrata.records.shipping import (
    Act,
    Pause,
    Placed,
    Ready,
    Release,
    Replay,
    Rollout,
    Run,
    Save,
    State,
    Target,
    Through,
    Write,
)
from ferrata.steps.shipping.states import FILE

LABEL = f"{engines.LABEL}.ship"
_ON_THE_WAY = 2.0  # seconds for requests that were being handed over
_DRAIN = 35  # seconds that a stopped service may take for what it is answering; its own limit is 30


@dataclass(frozen=True)
class Machine:
    """The target as its kind has it. `switched` are the acts after which callers reach the release in this state, once it is saved; `ended` those that end
    the way to it; `prepared` bring what the machine lacks, `fetched` the image."""

    target: Target
    engine: Engine
    switched: Callable[[State], tuple[Act, ...]]
    ended: Callable[[State], tuple[Act, ...]]
    fetched: tuple[Act, ...] = ()
    prepared: tuple[Act, ...] = ()

    def place(self, name: str) -> str:
        return f"{self.target.folder}/{name}"


def placed(state: State, release: Release, *, port: int, keys: Mapping[str, str], now: str) -> Placed:
    number = max((each.number for each in (*state.placed, *((state.pending,) if state.pending else ()))), default=0) + 1
    return Placed(release, number, port, now, state.serving.release.id if state.serving else "", keys_hash(keys))


def keys_hash(keys: Mapping[str, str]) -> str:
    """Of the users' keys; the one of the proof is another one every time."""
    return hashlib.sha256(json.dumps(sorted(keys.items())).encode()).hexdigest()[:16]


def rollout(machine: Machine, state: State, new: Placed, *, keys: Mapping[str, str], rows: str) -> Rollout:
    """`keys`: {name: hash}, with that of the proof; `rows`: the proof rows, which are kept for a rollback."""
    begun = replace(state, pending=new, engine=machine.engine.program)
    kept, dropped = _kept(state, new, machine.target.keep)
    done = State(kept, new.number, None, machine.engine.program, state.current)
    remove_new = Run(engines.remove(machine.engine, [new.container]), may_fail=True)
    keys_file = Write(machine.place(f"keys-{new.number}.json"), json.dumps(dict(keys)) + "\n", 0o444, "hashes of the API keys")
    start: tuple[Act, ...] = (
        *machine.prepared, Save(begun), keys_file, Write(rows_place(machine.target, new.release), rows, 0o600, "the proof rows"), *machine.fetched, remove_new,
        Run(engines.run_detached(machine.engine, container(machine, new))), Ready(new), Replay(new),
    )  # fmt: skip
    drained = (Pause(_ON_THE_WAY), *_stopped(machine, state.serving)) if state.serving else ()
    finish: tuple[Act, ...] = (*drained, *(act for each in dropped for act in _dropped(machine, each, kept)), Save(replace(done, draining=0)))
    return Rollout(
        new, start, (*machine.switched(done), Save(done), Through(new)), finish, give_up=(remove_new, Save(replace(state, pending=None))),
        switch_back=(*machine.switched(state), Save(replace(state, pending=new))) if state.serving else (),
    )  # fmt: skip


def recovered(machine: Machine, state: State) -> tuple[tuple[Act, ...], State]:
    """Acts after which what an interrupted command began is gone or ended, and callers reach what the state says; and that state."""
    if state.pending is None and not state.draining:
        return (), state
    after = replace(state, pending=None, draining=0)
    switched = machine.switched(after) if after.serving else ()
    begun = [Run(engines.remove(machine.engine, [state.pending.container]), may_fail=True)] if state.pending else []
    left = [act for each in state.placed if each.number == state.draining for act in _stopped(machine, each)]
    return (*switched, *begun, *left, Save(after)), after


def ended(machine: Machine, state: State) -> tuple[Act, ...]:
    """Everything of the target is removed but its folder."""
    containers = [each.container for each in (*state.placed, *((state.pending,) if state.pending else ()))]
    images = dict.fromkeys(each.release.image for each in state.placed)
    removed = [Run(engines.remove(machine.engine, [name]), may_fail=True) for name in containers]
    return (*machine.ended(state), *removed, *(Run(engines.remove_image(machine.engine, image), may_fail=True) for image in images))


def rows_place(target: Target, release: Release) -> str:
    return f"{target.folder}/rows-{release.id}.jsonl"


def state_place(target: Target) -> str:
    return f"{target.folder}/{FILE}"


def container(machine: Machine, new: Placed) -> Container:
    release = new.release
    labels = {LABEL: machine.target.name, **{f"{engines.LABEL}.{name}": value for name, value in (("release", release.id), ("commit", release.commit))}}
    keys = Path(machine.place(f"keys-{new.number}.json"))
    return Container(
        release.image, new.port, keys, new.container, network=machine.target.network, labels=labels, environment=machine.target.settings,
    )  # fmt: skip


def _kept(state: State, new: Placed, keep: int) -> tuple[tuple[Placed, ...], tuple[Placed, ...]]:
    """The last releases, the new one among them, each once; and those that go."""
    older = [each for each in state.placed if each.release.id != new.release.id or each.number == state.current]
    again = [each for each in state.placed if each not in older]
    kept = [*older, new][-max(keep, 2) :]
    return tuple(kept), (*again, *(each for each in older if each not in kept))


def _stopped(machine: Machine, old: Placed) -> tuple[Act, ...]:
    stop, remove = engines.stop(machine.engine, old.container, seconds=_DRAIN), engines.remove(machine.engine, [old.container])
    return (Run(stop, may_fail=True), Run(remove, may_fail=True))


def _dropped(machine: Machine, old: Placed, kept: tuple[Placed, ...]) -> tuple[Act, ...]:
    """Its container and keys; its image and proof rows where no release that is kept is the same."""
    gone = [Run(engines.remove(machine.engine, [old.container]), may_fail=True), Run(_removed(machine.place(f"keys-{old.number}.json")), may_fail=True)]
    if not any(each.release.image == old.release.image for each in kept):
        gone.append(Run(engines.remove_image(machine.engine, old.release.image), may_fail=True))
    if not any(each.release.id == old.release.id for each in kept):
        gone.append(Run(_removed(rows_place(machine.target, old.release)), may_fail=True))
    return tuple(gone)


def _removed(path: str) -> Command:
    return Command(("rm", "-f", path), why="Removing what is not kept")
