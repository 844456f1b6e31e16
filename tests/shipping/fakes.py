"""A machine that is not there: its files, its containers, and what its callers would get. A kill is an operation that never comes back."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ferrata.programs.engines import Engine
from ferrata.records.command import Command, Outcome
from ferrata.records.proof import Level
from ferrata.records.service import Grouping, ServiceProof, Way
from ferrata.records.shipping import Act, Placed, Release, Run, Start, State, Target, Write
from ferrata.steps.shipping.hosts import Failed, one_by_one
from ferrata.steps.shipping.machine import Machine

ENGINE = Engine("podman", "podman")
TARGET = Target("local", "local", "/t", keep=3)


class Killed(BaseException):
    pass


def release(letter: str) -> Release:
    return Release(f"{letter * 7}-{letter * 7}", "churn", letter * 40, "d", f"model-{letter}", "lock", f"image-{letter}", "identical", 3)


@dataclass
class Container:
    image: str
    port: int
    is_running: bool = True


@dataclass
class FakeMachine:
    """`faults`: image to what is wrong with it: crashes, model, predictions, unseen. `kill_at`: the operation that does not come back."""

    files: dict[str, str] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)
    images: set[str] = field(default_factory=lambda: {f"image-{letter}" for letter in "abcdefgh"})
    faults: dict[str, str] = field(default_factory=dict)
    kill_at: int = -1
    operations: int = 0
    has_proxy: bool = False
    is_dead: bool = False
    after_each: Callable[[], None] = lambda: None

    def _operate(self) -> None:
        if self.is_dead or self.operations == self.kill_at:
            self.is_dead = True
            raise Killed
        self.operations += 1

    def run(self, command: Command, *, on_line: Callable[[str], None] | None = None) -> Outcome:
        self._operate()
        verb, *rest = command.arguments[1:]
        status, output = getattr(self, f"_{verb}")(rest) if command.arguments[0] == "podman" else self._remove_files(rest)
        self.after_each()
        return Outcome(command, status, output, "it wrote this" if status or verb == "logs" else "", 0.0)

    def _run(self, rest: list[str]) -> tuple[int, str]:
        name, port = rest[rest.index("--name") + 1], int(rest[rest.index("--publish") + 1].split(":")[1])
        if name in self.containers or rest[-1] not in self.images:
            return 125, ""
        self.containers[name] = Container(rest[-1], port, self.faults.get(rest[-1]) != "crashes")
        return 0, name

    def _rm(self, rest: list[str]) -> tuple[int, str]:
        return (0, "") if self.containers.pop(rest[-1], None) else (1, "")

    def _stop(self, rest: list[str]) -> tuple[int, str]:
        if rest[-1] not in self.containers:
            return 125, ""
        self.containers[rest[-1]].is_running = False
        return 0, ""

    def _inspect(self, rest: list[str]) -> tuple[int, str]:
        return 0, str(self.containers[rest[-1]].is_running).lower() if rest[-1] in self.containers else "false"

    def _logs(self, rest: list[str]) -> tuple[int, str]:
        return 0, ""

    def _rmi(self, rest: list[str]) -> tuple[int, str]:
        assert rest[-1] not in {each.image for each in self.containers.values()}
        self.images.discard(rest[-1])
        return 0, ""

    def _remove_files(self, rest: list[str]) -> tuple[int, str]:
        self.files.pop(rest[-1], None)
        return 0, ""

    def shown(self, command: Command) -> Command:
        return command

    def read(self, path: str) -> str:
        return self.files.get(path, "")

    def write(self, path: str, text: str, mode: int) -> None:
        self._operate()
        self.files[path] = text
        self.after_each()

    def together(self, acts: Sequence[Write | Run], *, on_line: Callable[[str], None]) -> Failed | None:
        return one_by_one(self, acts, on_line)

    def close(self) -> None:
        return

    def start(self, act: Start) -> None:
        self._operate()
        self.has_proxy = True

    def free_port(self) -> int:
        return max((each.port for each in self.containers.values()), default=9000) + 1

    @contextlib.contextmanager
    def reached(self, port: int) -> Iterator[int]:
        yield port

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        yield

    def removed(self) -> None:
        self.files.clear()

    def at(self, port: int) -> Container | None:
        return next((each for each in self.containers.values() if each.port == port and each.is_running), None)

    def answering(self) -> str:
        """The image that callers reach, through the proxy that looks into the state; "" for none."""
        port = json.loads(self.files.get("/t/state.json") or '{"port": 0}')["port"]
        found = self.at(port)
        return found.image if found and self.has_proxy else ""

    def version(self, key: str) -> dict[str, Any]:
        image = self.answering()
        letter = "x" if self.faults.get(image) == "unseen" else image[-1:]
        return {"model": f"model-{letter}", "commit": letter * 40}

    def is_ready(self, host: str, port: int) -> bool:
        return self.at(port) is not None

    def replay(self, rows: Any, host: str, port: int, field: str, *, key: str, bound: float | None) -> ServiceProof:
        found = self.at(port)
        assert found is not None
        fault = self.faults.get(found.image)
        level = Level.DIFFERENT if fault == "predictions" else Level.IDENTICAL
        way = Way("64 in a request", 3, 2 if fault == "predictions" else 0, level)
        return ServiceProof(level, (way,), Grouping(level, 1), {"model": "model-x" if fault == "model" else f"model-{found.image[-1]}"})


def machine(target: Target = TARGET) -> Machine:
    def switched(state: State) -> tuple[Act, ...]:
        start = Start(Command(("python3", "/t/proxy.py"), why="Starting the proxy"), target.port, "/t/proxy.lock", "/t/proxy.log")
        return (Write("/t/proxy.py", "text"), start)

    return Machine(target, ENGINE, switched, lambda state: ())


def numbers(placed: tuple[Placed, ...]) -> list[int]:
    return [each.number for each in placed]
