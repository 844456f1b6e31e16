"""The way to the release that serves: an HTTP proxy of this machine that looks into state.json at every request.

python3 proxy.py FOLDER PORT. A request goes to one release from its first byte to the last of its answer, over a connection of its own, so that
a switch breaks none. A release that cannot be connected to is tried again for some seconds: a switch may be under way.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import sys
from pathlib import Path

HEAD_BYTES = 65536
CHUNK = 65536
PATIENCE = 10.0  # seconds in which a release must take the connection
IDLE = 75.0  # seconds in which the next request of a connection must begin
ANSWER = 120.0  # seconds without a byte after which an answer is given up
OF_A_CONNECTION = (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade")
BAD_GATEWAY = b'{"title": "No release answers", "status": 502, "detail": "ferrata ship status says what runs here."}'


class Proxy:
    def __init__(self, folder: Path):
        self.state = folder / "state.json"

    async def serve(self, reader, writer):
        """The requests of one client, one after the other."""
        try:
            while await self._one(reader, writer):
                pass
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            writer.close()

    async def _one(self, reader, writer):
        """Whether the connection goes on."""
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE)
        first, headers = parsed(head)
        version = first.rpartition(b" ")[2]
        wants_more = version == b"HTTP/1.1" and value(headers, b"connection").lower() != b"close"
        try:
            its_reader, its_writer = await self._connected()
        except OSError:
            await answer(writer, b"502 Bad Gateway", BAD_GATEWAY)
            return False
        try:
            peer = (writer.get_extra_info("peername") or ("",))[0].encode()
            its_writer.write(joined(first, [*passed(headers), (b"X-Forwarded-For", peer), (b"Connection", b"close")]))
            await self._send_body(headers, reader, its_writer, writer)
            return await self._send_answer(first, its_reader, writer, wants_more)
        finally:
            its_writer.close()

    async def _connected(self):
        until = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                port = json.loads(self.state.read_text(encoding="utf-8"))["port"]
                return await asyncio.open_connection("127.0.0.1", port, limit=HEAD_BYTES)
            except (OSError, ValueError, KeyError, OverflowError):
                if asyncio.get_running_loop().time() > until:
                    raise OSError("no release takes connections") from None
                await asyncio.sleep(0.05)

    async def _send_body(self, headers, reader, its_writer, writer):
        """An answer that comes before the body has ended (it is too large) is read all the same."""
        if value(headers, b"expect").lower() == b"100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()
        try:
            if b"chunked" in value(headers, b"transfer-encoding").lower():
                await relay_chunks(reader, its_writer)
            else:
                await relay(reader, its_writer, int(value(headers, b"content-length") or 0))
            await its_writer.drain()
        except ConnectionError:
            pass

    async def _send_answer(self, first, its_reader, writer, wants_more):
        try:
            head = await asyncio.wait_for(its_reader.readuntil(b"\r\n\r\n"), ANSWER)
            while head.split(b" ", 2)[1:2] == [b"100"]:
                head = await asyncio.wait_for(its_reader.readuntil(b"\r\n\r\n"), ANSWER)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            await answer(writer, b"502 Bad Gateway", BAD_GATEWAY)
            return False
        status, headers = parsed(head)
        has_no_body = first.startswith(b"HEAD ") or status.split(b" ")[1] in (b"204", b"304")
        is_framed = has_no_body or value(headers, b"content-length") or value(headers, b"transfer-encoding")
        goes_on = bool(wants_more and is_framed)
        writer.write(joined(status, [*passed(headers), (b"Connection", b"keep-alive" if goes_on else b"close")]))
        while part := await asyncio.wait_for(its_reader.read(CHUNK), ANSWER):
            writer.write(part)
            await writer.drain()
        await writer.drain()
        return goes_on


def parsed(head):
    """(first line, [(name, value), …])"""
    lines = head[:-4].split(b"\r\n")
    return lines[0], [tuple(part.strip() for part in line.split(b":", 1)) for line in lines[1:] if b":" in line]


def value(headers, name):
    return next((content for each, content in headers if each.lower() == name), b"")


def passed(headers):
    """What is said to the other end, and not to the one beside."""
    return [(name, content) for name, content in headers if name.lower() not in (*OF_A_CONNECTION, b"expect")]


def joined(first, headers):
    return b"\r\n".join([first, *(name + b": " + content for name, content in headers)]) + b"\r\n\r\n"


async def relay(reader, writer, size):
    while size:
        part = await asyncio.wait_for(reader.read(min(CHUNK, size)), ANSWER)
        if not part:
            raise ConnectionResetError
        writer.write(part)
        await writer.drain()
        size -= len(part)


async def relay_chunks(reader, writer):
    """Up to the empty chunk, and the trailers after it."""
    while True:
        line = await asyncio.wait_for(reader.readline(), ANSWER)
        writer.write(line)
        size = int(line.split(b";")[0], 16)
        if not size:
            break
        await relay(reader, writer, size + 2)
    while (line := await asyncio.wait_for(reader.readline(), ANSWER)) not in (b"\r\n", b"\n", b""):
        writer.write(line)
    writer.write(b"\r\n")


async def answer(writer, status, body):
    head = [(b"Content-Type", b"application/problem+json"), (b"Content-Length", str(len(body)).encode()), (b"Connection", b"close")]
    writer.write(joined(b"HTTP/1.1 " + status, head) + body)
    await writer.drain()


async def run(folder: Path, port: int) -> None:
    server = await asyncio.start_server(Proxy(folder).serve, "127.0.0.1", port, limit=HEAD_BYTES, backlog=1024)
    async with server:
        await server.serve_forever()


def main(arguments) -> int:
    folder, port = Path(arguments[0]), int(arguments[1])
    descriptor = os.open(folder / "proxy.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("it runs already", file=sys.stderr)
        return 1
    os.ftruncate(descriptor, 0)
    os.write(descriptor, json.dumps({"process": os.getpid(), "port": port}).encode())
    asyncio.run(run(folder, port))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
