"""One run of a pipeline: what changed, and what became of each stage."""

from __future__ import annotations

from dataclasses import dataclass

# How a change is said; `{name}`, `{before}` and `{after}` are its own.
_SENTENCES = {
    "never": "it has never run",
    "forced": "forced",
    "always": "it always runs",
    "command": "its command changed: {before} → {after}",
    "dependency": "{name} changed: {before} → {after}",
    "parameter": "{name}: {before} → {after}",
    "variable": "the variable {name} changed",
    "unrecorded": "with which {name} it ran is not recorded",
    "missing": "{name} is missing",
    "result": "{name} is not what the stage wrote",
    "new": "{name} is a new result",
}


@dataclass(frozen=True)
class Change:
    """A reason to run a stage. `kind` is a stable word; `name` the file, parameter or variable; `before` and `after` in a few characters."""

    kind: str
    name: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return _SENTENCES[self.kind].format(name=self.name, before=self.before or "nothing", after=self.after or "nothing")


@dataclass(frozen=True)
class StageRun:
    """What happened to one stage.

    `action`: `ran`, `unchanged`, `restored` (its results came from the cache), `kept` (frozen), `failed`, or `skipped` (`why` says which stage failed);
    with a dry run `would run` and `may run` (after what runs before it). `memory` is the peak of its largest process in bytes; `started` in seconds
    since 1970. `lines` are the last ones a failed command wrote, `log` is where all of them are.
    """

    name: str
    action: str
    why: str = ""
    seconds: float = 0.0
    changes: tuple[Change, ...] = ()
    memory: int = 0
    started: float = 0.0
    command: str = ""
    status: int = 0
    lines: tuple[str, ...] = ()
    log: str = ""


@dataclass(frozen=True)
class Ended:
    """How a stage's commands ended. `command` is the one that failed, or the last."""

    status: int
    command: str = ""
    seconds: float = 0.0
    memory: int = 0
    lines: tuple[str, ...] = ()
    log: str = ""
