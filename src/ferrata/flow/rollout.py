"""A rollout, act by act: what fails before the switch is undone and the old release serves on; what fails after it switches back."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ferrata.errors import FerrataError, OutsideError, ReleaseRefused
from ferrata.programs import engines
from ferrata.programs.engines import Engine
from ferrata.records.proof import Level
from ferrata.records.service import ProofRow, ServiceProof
from ferrata.records.shipping import (
    Act,
    Pause,
    Placed,
    Ready,
    Replay,
    Rollout,
    Run,
    Save,
    Send,
    Start,
    Target,
    Through,
    Write,
)
from ferrata.steps.serving.replay import replay_briefly
from ferrata.steps.shipping.hosts import Host
from ferrata.steps.shipping.machine import state_place
from ferrata.steps.shipping.states import to_text
from ferrata.world import process
from ferrata.world.loopback import is_ready
from ferrata.world.reporter import Reporter

_READY_SECONDS = 300.0
_PAUSE = 0.1
_LOOK = 2.0  # seconds until it is asked again whether the container runs
_SAME = (Level.IDENTICAL, Level.EQUAL)


@dataclass
class Rolling:
    """What every act needs. `key` is that of the proof, `bound` of its comparison; `asked` gives what answers to callers (`/version`)."""

    target: Target
    host: Host
    engine: Engine
    rows: Sequence[ProofRow]
    field: str
    key: str
    asked: Callable[[str], dict[str, object]]
    reporter: Reporter
    bound: float | None = None
    proof: ServiceProof | None = None
    switched: float = 0.0  # when callers reached the new release, by the monotonic clock

    def roll(self, rollout: Rollout) -> tuple[str, ...]:
        """What was left undone after the switch, as sentences. What went wrong before it, or in it, is raised once all is as it was."""
        try:
            self.perform(rollout.start)
            try:
                self.reporter.step("Switch to it")
                self.perform(rollout.switch)
                self.switched = time.monotonic()
                self.reporter.done("")
            except BaseException:
                self._undo(rollout.switch_back)
                raise
        except BaseException:
            self._undo(rollout.give_up)
            raise
        return self._finished(rollout.finish)

    def perform(self, acts: Sequence[Act]) -> None:
        """Files and commands that follow one another go to the target together."""
        for group in groups(acts):
            plain = [self._file(act) if isinstance(act, Save) else act for act in group if isinstance(act, Save | Write | Run)]
            if plain:
                self._together(plain)
            else:
                self._do(group[0])

    def _file(self, act: Save) -> Write:
        return Write(state_place(self.target), to_text(act.state), 0o600)

    def _do(self, act: Act) -> None:
        if isinstance(act, Send):
            process.run(act.command, on_line=self.reporter.detail, check=True)
        elif isinstance(act, Start):
            self.host.start(act)
        elif isinstance(act, Ready):
            self._wait(act.placed)
        elif isinstance(act, Replay):
            self._replay(act.placed)
        elif isinstance(act, Through):
            self._look(act.placed)
        elif isinstance(act, Pause):
            time.sleep(act.seconds)

    def _together(self, acts: Sequence[Write | Run]) -> None:
        failed = self.host.together(acts, on_line=self.reporter.detail)
        if failed:
            raise OutsideError(f"{failed.what}: status {failed.status}", where=f"target {self.target.name}", todo=failed.told)

    def _wait(self, placed: Placed) -> None:
        """The engine is asked now and then alone: while it looks, it takes the processor from what is starting."""
        self.reporter.step(f"Wait until {placed.release.id} is ready")
        now = time.monotonic()
        until, look = now + _READY_SECONDS, now + _LOOK / 2
        with self.host.reached(placed.port) as port:
            while not is_ready("127.0.0.1", port):
                if time.monotonic() >= look:
                    if self.host.run(engines.is_running(self.engine, placed.container)).output.strip() != "true":
                        raise self._refused(placed, "It ended as it was starting")
                    look = time.monotonic() + _LOOK
                if time.monotonic() > until:
                    raise self._refused(placed, f"It is not ready after {_READY_SECONDS:g} seconds")
                time.sleep(_PAUSE)
        self.reporter.done("")

    def _replay(self, placed: Placed) -> None:
        self.reporter.step("Replay the proof rows through it")
        with self.host.reached(placed.port) as port:
            try:
                self.proof = replay_briefly(self.rows, "127.0.0.1", port, self.field, key=self.key, bound=self.bound)
            except OutsideError as error:
                raise self._refused(placed, error.what) from error
        found, expected = self.proof.identity.get("model"), placed.release.model
        if found != expected:
            raise self._refused(placed, f"It answers with the model {str(found)[:12]}, and {expected[:12]} was to be shipped")
        if self.proof.level not in _SAME:
            wrong = max(way.mismatches for way in self.proof.ways)
            raise self._refused(placed, f"{wrong} of its {len(self.rows)} answers are not the notebook's")
        self.reporter.done(f"{self.proof.level.value}, {len(self.rows)} rows")

    def _look(self, placed: Placed) -> None:
        found = self.asked(self.key)
        if found.get("model") != placed.release.model or found.get("commit") != placed.release.commit:
            seen = f"commit {str(found.get('commit'))[:12]}, model {str(found.get('model'))[:12]}"
            raise self._refused(placed, f"Callers do not reach it after the switch, but {seen}")

    def _refused(self, placed: Placed, what: str) -> FerrataError:
        """With what the container wrote last."""
        outcome = self.host.run(engines.logs(self.engine, placed.container))
        told = (outcome.output + outcome.error).strip()[-1500:]
        return ReleaseRefused(f"{placed.release.id} was not shipped to {self.target.name}: {what}", where=placed.container, todo=told or "It wrote nothing.")

    def _undo(self, acts: Sequence[Act]) -> None:
        """All of it that can be undone; what cannot, the next command finds by the state."""
        for group in groups(acts):
            with contextlib.suppress(FerrataError):
                self.perform(group)

    def _finished(self, acts: Sequence[Act]) -> tuple[str, ...]:
        self.reporter.step("Drain what served before, and keep the last releases")
        notes = []
        for group in groups(acts):
            try:
                self.perform(group)
            except FerrataError as error:
                notes.append(f"{error.what}. The new release serves all the same.")
        self.reporter.done("")
        return tuple(notes)


def groups(acts: Sequence[Act]) -> Iterator[list[Act]]:
    """What goes over in one go: files and commands that follow one another. The state may only be the first of them.

    It decides what serves: were it saved after other things, a command of ours that was killed could leave behind what saves it later, while the next one is
    at work already.
    """
    group: list[Act] = []
    for act in acts:
        if group and (isinstance(act, Save) or not _is_plain(act) or not _is_plain(group[0])):
            yield group
            group = []
        group.append(act)
    if group:
        yield group


def _is_plain(act: Act) -> bool:
    return isinstance(act, Save | Write | Run)
