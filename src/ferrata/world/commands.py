"""Run the commands of a stage: their output to a log and line by line to whoever watches, memory and time measured."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from ferrata.errors import OutsideError
from ferrata.records.command import Command
from ferrata.records.run import Ended
from ferrata.world.process import clean_environment, die_with_parent

LAST_LINES = 40
# What a job or an active environment says of itself.
_OF_THE_SHELL = ("SLURM_", "VIRTUAL_ENV", "CONDA_")


def stage_environment(source: Mapping[str, str], named: Sequence[str]) -> dict[str, str]:
    """What a stage may see of this shell: the base of every child, what says of which job it is, and what the stage names."""
    shell = {name: value for name, value in source.items() if name.startswith(_OF_THE_SHELL)}
    return {**clean_environment(source), **shell, **{name: source[name] for name in named if name in source}}


def shell(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The user's shell without its settings, as DVC takes it."""
    program = environ.get("SHELL") or "/bin/sh"
    plain = {"zsh": ("--no-rcs",), "bash": ("--noprofile", "--norc")}
    return (program, *plain.get(os.path.basename(program).lower(), ()))


class Runner:
    """`held` are descriptors that the commands hold on to (the lock of the run); each gets `mark` as FERRATA_RUN."""

    def __init__(self, *, held: Sequence[int] = (), mark: str = "") -> None:
        self._held, self._mark = tuple(held), mark
        self._running: set[subprocess.Popen[str]] = set()
        self._is_cancelled = False
        self._changing = threading.Lock()

    def run(self, commands: Sequence[Command], log: Path, on_line: Callable[[str], None]) -> Ended:
        """One after the other, until one fails."""
        log.parent.mkdir(parents=True, exist_ok=True)
        started, memory, last = time.monotonic(), 0, deque[str](maxlen=LAST_LINES)
        status, ran = 0, ""
        with log.open("w", encoding="utf-8", errors="replace") as stream:
            for command in commands:
                ran = command.arguments[-1]
                status, peak = self._run_one(command, _Tee(stream, last, on_line))
                memory = max(memory, peak)
                if status != 0:
                    break
        return Ended(status, ran, time.monotonic() - started, memory, tuple(last), str(log))

    def cancel(self) -> None:
        """Kill what runs, and start nothing more."""
        with self._changing:
            self._is_cancelled = True
            for process in self._running:
                _kill_group(process.pid)

    def _run_one(self, command: Command, tee: _Tee) -> tuple[int, int]:
        process = self._start(command)
        reader = threading.Thread(target=tee.read, args=(process.stdout,), daemon=True)
        reader.start()
        _, waited, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(waited)
        _kill_group(process.pid)  # workers that were left behind
        with self._changing:
            self._running.discard(process)
        reader.join(timeout=5)
        return process.returncode, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    def _start(self, command: Command) -> subprocess.Popen[str]:
        with self._changing:
            if self._is_cancelled:
                raise OutsideError("The run was interrupted", todo="Run the command again: it goes on.")
            try:
                process = subprocess.Popen(
                    command.arguments, cwd=command.folder, env={**command.environment, "FERRATA_RUN": self._mark}, stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True, pass_fds=self._held,
                    preexec_fn=die_with_parent(),
                )  # fmt: skip
            except OSError as error:
                todo = "Correct `wdir` in dvc.yaml." if command.folder and not command.folder.is_dir() else "See whether the shell can be started."
                raise OutsideError(f"The command cannot be started: {error.strerror}", where=str(error.filename), todo=todo) from error
            self._running.add(process)
            return process


class _Tee:
    def __init__(self, log: IO[str], last: deque[str], on_line: Callable[[str], None]) -> None:
        self._log, self._last, self._on_line = log, last, on_line

    def read(self, stream: IO[str]) -> None:
        with contextlib.suppress(ValueError):  # the log was closed over a process that nobody waits for
            for line in stream:
                self._log.write(line)
                self._log.flush()
                text = line.rstrip("\r\n").rpartition("\r")[2]
                self._last.append(text)
                self._on_line(text)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def kill_marked(mark: str) -> int:
    """Kill every process that a run of this mark started and that outlived it (Linux); how many there were."""
    found = 0
    for pid in _marked(mark):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
            found += 1
    return found


def _marked(mark: str) -> Iterator[int]:
    wanted = f"FERRATA_RUN={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)
