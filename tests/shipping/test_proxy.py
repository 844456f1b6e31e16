"""The proxy of the target `local`, in front of small servers: bodies of every form, a switch, and a release that is not there."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ferrata.steps.shipping.local import proxy_text
from ferrata.world.loopback import free_port, is_taken


class Echo(http.server.BaseHTTPRequestHandler):
    """Says its name, and gives back what was sent."""

    protocol_version = "HTTP/1.1"
    name = ""

    def do_POST(self) -> None:
        body = self._chunks() if self.headers.get("Transfer-Encoding") else self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/slow":
            time.sleep(0.5)
        self.send_response(200)
        self.send_header("X-Name", self.name)
        self.send_header("X-Via", self.headers.get("X-Forwarded-For", ""))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def _chunks(self) -> bytes:
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def log_message(self, *arguments: Any) -> None:
        pass


@contextlib.contextmanager
def release(name: str) -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Named", (Echo,), {"name": name}))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "proxy.py").write_text(proxy_text().replace("PATIENCE = 10.0", "PATIENCE = 1.0"))
    (tmp_path / "port").write_text(str(free_port()))
    command = [sys.executable, str(tmp_path / "proxy.py"), str(tmp_path), port_of(tmp_path)]
    process = subprocess.Popen(command)
    while not is_taken("127.0.0.1", int(port_of(tmp_path))):
        assert process.poll() is None
        time.sleep(0.02)
    yield tmp_path
    process.terminate()
    process.wait()


def port_of(folder: Path) -> str:
    return (folder / "port").read_text()


def switch(folder: Path, port: int) -> None:
    (folder / "new").write_text(json.dumps({"port": port}))
    (folder / "new").replace(folder / "state.json")


def client(folder: Path) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", int(port_of(folder)), timeout=30)


def ask(connection: http.client.HTTPConnection, body: Any = b"", path: str = "/", **more: Any) -> tuple[int, str | None, bytes]:
    connection.request("POST", path, body, **more)
    answer = connection.getresponse()
    return answer.status, answer.getheader("X-Name"), answer.read()


def test_a_kept_connection_reaches_the_new_release_from_the_next_request_on(folder: Path) -> None:
    with release("one") as one, release("two") as two:
        switch(folder, one)
        connection = client(folder)
        assert ask(connection, b"a" * 300_000) == (200, "one", b"a" * 300_000)
        switch(folder, two)
        assert ask(connection, b"b") == (200, "two", b"b")


def test_a_request_ends_where_it_began(folder: Path) -> None:
    with release("one") as one, release("two") as two:
        switch(folder, one)
        found: list[Any] = []
        slow = threading.Thread(target=lambda: found.append(ask(client(folder), b"x", "/slow")))
        slow.start()
        time.sleep(0.2)
        switch(folder, two)
        assert ask(client(folder))[1] == "two"
        slow.join()
        assert found == [(200, "one", b"x")]


def test_bodies_in_chunks_and_those_that_are_announced(folder: Path) -> None:
    with release("one") as one:
        switch(folder, one)
        assert ask(client(folder), iter([b"ab", b"c" * 70_000]), encode_chunked=True)[2] == b"ab" + b"c" * 70_000
        with socket.create_connection(("127.0.0.1", int(port_of(folder)))) as raw:
            raw.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 100")
            raw.sendall(b"ok")
            assert b"200 OK" in raw.recv(1000)


def test_nobody_there_is_a_502_and_comes_after_some_patience(folder: Path) -> None:
    switch(folder, free_port())
    began = time.monotonic()
    status, _, body = ask(client(folder))
    assert status == 502 and json.loads(body)["title"] == "No release answers" and time.monotonic() - began > 0.9


def test_what_is_no_http_is_dropped_and_the_next_client_is_served(folder: Path) -> None:
    with release("one") as one:
        switch(folder, one)
        for nonsense in (b"\x16\x03\x01\r\n\r\n", b"GET /\r\n\r\n" + b"x" * 10, b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"a" * 100_000):
            with socket.create_connection(("127.0.0.1", int(port_of(folder)))) as raw, contextlib.suppress(OSError):
                raw.sendall(nonsense)
        assert ask(client(folder))[:2] == (200, "one")


def test_a_second_proxy_of_the_same_folder_does_not_start(folder: Path) -> None:
    again = subprocess.run([sys.executable, str(folder / "proxy.py"), str(folder), str(free_port())], capture_output=True, text=True, timeout=20)
    assert again.returncode == 1 and "runs already" in again.stderr
