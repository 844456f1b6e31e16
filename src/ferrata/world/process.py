"""Run a `Command`: the one place where outside programs are started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ferrata.errors import OutsideError, ProgramMissing
from ferrata.records.command import Command, Outcome

# What a child may inherit. Everything else (PYTHONPATH, a user's active environment, credentials of unrelated tools) would make a run depend on this shell.
_KEPT = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "USER", "LOGNAME", "SYSTEMROOT", "XDG_CACHE_HOME",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
)
# The second line: which processor and how many threads. The last digits of a result depend on it, so the author's run, its proof and later runs see the same.
_KEPT_PREFIXES = (
    "UV_", "PIP_", "GIT_SSL", "DYLD_", "LD_LIBRARY",
    "CUDA_", "NVIDIA_", "ROCR_", "HIP_", "XPU_", "OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "VECLIB_", "XLA_", "TF_", "NPY_",
)  # fmt: skip


def clean_environment(source: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of this process that a child may see."""
    source = os.environ if source is None else source
    return {name: value for name, value in source.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}


def run(command: Command, *, on_line: Callable[[str], None] | None = None, check: bool = False, given: str | None = None) -> Outcome:
    """Run to the end, killing the whole process group at `command.timeout` seconds.

    `on_line` gets each line of standard error as it comes; `given` is its standard input. With `check`, a status other than 0 raises OutsideError.
    """
    started = time.monotonic()
    process = _start(command, has_input=given is not None)
    timed_out = threading.Event()
    timer = _alarm(process, command.timeout, timed_out)
    try:
        if given is not None:
            threading.Thread(target=_feed, args=(process, given), daemon=True).start()
        output, error = _drain(process, on_line)
    except BaseException:
        kill_group(process)
        raise
    finally:
        if timer:
            timer.cancel()
    status = process.wait()
    # Workers that a library started and left behind would go on using the machine.
    kill_group(process)
    outcome = Outcome(command, status, output, error, time.monotonic() - started, timed_out.is_set())
    if check and outcome.status != 0:
        raise OutsideError(
            f"`{' '.join(command.arguments[:4])}` ended with status {outcome.status}",
            where=str(command.folder or Path.cwd()),
            todo=(error or output).strip()[-2000:] or "Run the command by hand to see why.",
        )
    return outcome


def _feed(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # a program that ends early has read enough
        process.stdin.write(text)
        process.stdin.close()


def _start(command: Command, *, has_input: bool = False) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command.arguments, cwd=command.folder, env={**clean_environment(), **command.environment},
            stdin=subprocess.PIPE if has_input else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="replace", start_new_session=True, preexec_fn=die_with_parent(),
        )
    except FileNotFoundError as error:
        if command.folder is not None and not command.folder.exists():
            raise OutsideError(f"The folder {command.folder} is gone", todo="Run the command again.") from error
        raise ProgramMissing(f"{command.arguments[0]} is not installed", todo=f"Install {command.arguments[0]} and run the command again.") from error


def die_with_parent() -> Callable[[], None] | None:
    """On Linux a child is killed with us, so that nothing writes on after `kill -9` (prctl(2), PR_SET_PDEATHSIG = 1)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(1, signal.SIGKILL)


def _alarm(process: subprocess.Popen[str], timeout: float | None, fired: threading.Event) -> threading.Timer | None:
    if timeout is None:
        return None

    def ring() -> None:
        fired.set()
        kill_group(process)

    timer = threading.Timer(timeout, ring)
    timer.daemon = True
    timer.start()
    return timer


def _drain(process: subprocess.Popen[str], on_line: Callable[[str], None] | None) -> tuple[str, str]:
    errors: list[str] = []

    def read_errors() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            errors.append(line)
            if on_line:
                on_line(line.rstrip("\n"))

    reader = threading.Thread(target=read_errors, daemon=True)
    reader.start()
    assert process.stdout is not None
    output = process.stdout.read()
    reader.join(timeout=10)
    return output, "".join(errors)


def kill_group(process: subprocess.Popen[str]) -> None:
    """Kill a process and everything it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
