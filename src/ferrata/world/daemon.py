"""A program that runs until it is told to end, such as the service of a project."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from ferrata.errors import OutsideError
from ferrata.records.command import Command
from ferrata.world.process import clean_environment, die_with_parent, kill_group

_LAST_LINES = 20
_PAUSE = 0.05


class Daemon:
    """The process, and the last lines that it wrote."""

    def __init__(self, process: subprocess.Popen[str], echo: IO[str] | None) -> None:
        self._process, self._echo = process, echo
        self.last: deque[str] = deque(maxlen=_LAST_LINES)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def status(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def wait_until(self, is_ready: Callable[[], bool], *, seconds: float) -> None:
        """OutsideError when it ends before, or takes longer."""
        until = time.monotonic() + seconds
        while not is_ready():
            if self.status is not None:
                self._reader.join(timeout=5)
                raise OutsideError("The service ended as it was starting", where=self._where, todo="\n".join(self.last) or "It wrote nothing.")
            if time.monotonic() > until:
                raise OutsideError(f"The service is not ready after {seconds:g} seconds", where=self._where, todo="\n".join(self.last) or "It wrote nothing.")
            time.sleep(_PAUSE)

    def wait(self) -> int:
        return self._process.wait()

    def end(self, *, seconds: float) -> int:
        """Ask it to end, and kill it when it takes longer than that."""
        self._process.terminate()
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=seconds)
        finally:
            kill_group(self._process)
        return self._process.wait()

    @property
    def _where(self) -> str:
        return " ".join(map(str, self._process.args)) if isinstance(self._process.args, (list, tuple)) else str(self._process.args)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.last.append(line.rstrip("\n"))
            if self._echo is not None:
                self._echo.write(line)
                self._echo.flush()


@contextlib.contextmanager
def started(command: Command, *, echo: bool = False, seconds: float = 35.0) -> Iterator[Daemon]:
    """The program while the block runs; at its end it is asked to end, within `seconds`. With `echo`, what it writes goes to standard error."""
    try:
        process = subprocess.Popen(
            command.arguments, cwd=command.folder, env={**clean_environment(), **command.environment}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True, preexec_fn=die_with_parent(),
        )  # fmt: skip
    except OSError as error:
        raise OutsideError(f"{command.arguments[0]} cannot be started: {error.strerror}", todo="Run `uv sync --group serve` in the project.") from error
    daemon = Daemon(process, sys.stderr if echo else None)
    try:
        yield daemon
    finally:
        daemon.end(seconds=seconds)


def detached(command: Command, log: Path) -> int:
    """Start a program that goes on when we end; what it writes goes to the file. Its process number."""
    with log.open("ab") as stream:
        process = subprocess.Popen(
            command.arguments, cwd=command.folder, env={**clean_environment(), **command.environment}, stdin=subprocess.DEVNULL,
            stdout=stream, stderr=stream, start_new_session=True,
        )  # fmt: skip
    return process.pid


@contextlib.contextmanager
def held_open(command: Command) -> Iterator[str]:
    """A program that runs while the block does: its standard input stays open for as long, whatever becomes of us. Its first line; "" where it ended."""
    process = subprocess.Popen(
        command.arguments, cwd=command.folder, env={**clean_environment(), **command.environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True, preexec_fn=die_with_parent(),
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        with contextlib.suppress(OSError):
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        kill_group(process)
