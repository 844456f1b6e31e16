"""Services that run: a project by hand, the files that `ferrata serve` writes, and a process of uvicorn."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.serving import projects

from ferrata.steps.serving.files import service_files
from ferrata.world.loopback import free_port


@dataclass(frozen=True)
class Live:
    """A service, where it is and what it wrote."""

    project: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], Any]:
        """(status, headers, content); `body` is sent as JSON unless it is bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = {} if body is None or isinstance(body, bytes) else {"content-type": "application/json"}
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, content, {**given, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        with contextlib.suppress(ValueError):
            return answer.status, dict(answer.getheaders()), json.loads(text)
        return answer.status, dict(answer.getheaders()), text.decode()

    def post(self, body: Any, path: str = "/predict", **headers: str) -> tuple[int, Any]:
        status, _, content = self.ask("POST", path, body, headers)
        return status, content

    @property
    def memory(self) -> int:
        """Bytes that the process holds."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def write_service(project: Path) -> None:
    for path, text in service_files().items():
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")


@contextlib.contextmanager
def running(python: Path, project: Path, *arguments: str, **settings: str) -> Iterator[Live]:
    write_service(project)
    port = free_port()
    log = project / "service.log"
    environment = {**os.environ, **{f"SERVICE_{name.upper()}": value for name, value in settings.items()}}
    with log.open("wb") as stream:
        command = [python, "-m", "service", "--port", str(port), *arguments]
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=stream, stderr=subprocess.STDOUT)
    live = Live(project, port, process, log)
    try:
        _wait(live)
        yield live
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(40)
        process.kill()


def _wait(live: Live) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and live.process.poll() is None:
        with contextlib.suppress(OSError):
            if live.ask("GET", "/readyz")[0] == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"the service did not start:\n{live.log.read_text()}")


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A new project of a kind."""
    return lambda kind: projects.KINDS[kind](tmp_path_factory.mktemp(kind))


@pytest.fixture(scope="module")
def table(service_python: Path, make: Callable[[str], Path]) -> Iterator[Live]:
    with running(service_python, make("table")) as live:
        yield live


@pytest.fixture(scope="module")
def image(service_python: Path, make: Callable[[str], Path]) -> Iterator[Live]:
    with running(service_python, make("image")) as live:
        yield live
