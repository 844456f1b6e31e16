"""Calls to a service on this machine: a connection that stays open, and free ports."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from typing import Any

from ferrata.errors import OutsideError

_SECONDS = 120.0


class Caller:
    """One connection. OutsideError where the service does not answer.

    `below` is the path under which the service is; what leads there may use Authorization for itself. With `site`, it is made by TLS with the host of that
    name, whose certificate `authority` (PEM; "" for the ones that the system trusts) must have signed.
    """

    def __init__(self, host: str, port: int, *, key: str = "", seconds: float = _SECONDS, site: str = "", authority: str = "", below: str = "") -> None:
        self._connection = _Secure(host, port, seconds, site, authority) if site else http.client.HTTPConnection(host, port, timeout=seconds)
        self._headers = {"X-API-Key" if below else "Authorization": key if below else f"Bearer {key}"} if key else {}
        self._place, self._below = f"http://{host}:{port}{below}", below

    def get(self, path: str) -> tuple[int, Any]:
        return self._ask("GET", path, None, {})

    def post(self, path: str, body: bytes, kind: str) -> tuple[int, Any]:
        """The status and what was answered, read as JSON where it is some."""
        return self._ask("POST", path, body, {"Content-Type": kind})

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, Any]:
        return self._ask(method, path, body, {"Content-Type": kind} if body is not None else {})

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, Any]:
        try:
            self._connection.request(method, self._below + path, body, {**self._headers, **headers})
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise OutsideError(f"The service does not answer: {error}", where=f"{self._place}{path}", todo="See what it wrote.") from error
        with contextlib.suppress(ValueError):
            return answer.status, json.loads(text)
        return answer.status, text.decode("utf-8", "replace")


class _Secure(http.client.HTTPConnection):
    """To one place, by the name of another: a port that leads to a server is none of the names in its certificate."""

    def __init__(self, host: str, port: int, seconds: float, site: str, authority: str) -> None:
        super().__init__(host, port, timeout=seconds)
        self._site, self._context = site, ssl.create_default_context(cadata=authority or None)

    def connect(self) -> None:
        super().connect()
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self._site)


def is_ready(host: str, port: int) -> bool:
    """Whether a service answers there, and says that its model does."""
    return says_ready(Caller(host, port, seconds=10))


def says_ready(caller: Caller) -> bool:
    """Whether what this caller reaches does; the caller is closed."""
    try:
        return caller.get("/readyz")[0] == 200
    except OutsideError:
        return False
    finally:
        caller.close()


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def is_taken(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
