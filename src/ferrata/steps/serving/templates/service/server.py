"""The server: uvicorn, with the patience of one who is not alone in the world."""

from __future__ import annotations

import logging
import sys

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .guard import JsonLines
from .settings import Settings, read_keys

HEAD_BYTES = 64_000  # request line and headers together


def serve(settings: Settings) -> int:
    """Run until the service is told to end. 2 where it must not be started like this."""
    if not settings.is_on_loopback and not read_keys(settings.keys):
        print(f"{settings.host} can be reached by others, and there is no API key. Make one first: python -m service key add NAME", file=sys.stderr)
        return 2
    logging.getLogger("service").setLevel(logging.INFO)
    for name in ("service", "uvicorn.error"):
        _write_lines(logging.getLogger(name))
    from .app import make_app

    config = uvicorn.Config(
        make_app(settings), host=settings.host, port=settings.port, http=patient(settings), ws="none", loop="auto", lifespan="on", log_config=None,
        access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=30, backlog=2048,
        timeout_graceful_shutdown=round(settings.shutdown_seconds),
    )  # fmt: skip
    uvicorn.Server(config).run()
    return 0


def _write_lines(logger: logging.Logger) -> None:
    logger.handlers[:], logger.propagate = [JsonLines()], False
    if logger.name.startswith("uvicorn"):
        logger.setLevel(logging.WARNING)


def patient(settings: Settings):
    """A protocol that drops connections whose request does not arrive or whose answer is not read. Bodies are the guard's business."""

    class Patient(HttpToolsProtocol):
        def connection_made(self, transport):
            super().connection_made(transport)
            self._alarm, self._head = None, 0
            if len(self.connections) > settings.connections:
                transport.abort()
                return
            self._wait(settings.header_seconds)

        def connection_lost(self, error):
            self._wait(None)
            super().connection_lost(error)

        def data_received(self, data):
            self._head += len(data)
            super().data_received(data)
            if self._head > HEAD_BYTES and self._alarm is not None and not self.transport.is_closing():
                self.transport.write(b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
                self.transport.close()

        def on_message_begin(self):
            super().on_message_begin()
            self._head = 0
            self._wait(settings.header_seconds)

        def on_headers_complete(self):
            self._wait(None)
            super().on_headers_complete()

        def pause_writing(self):
            super().pause_writing()
            self._wait(settings.answer_seconds)

        def resume_writing(self):
            super().resume_writing()
            self._wait(None)

        def _wait(self, seconds):
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = self.loop.call_later(seconds, self.transport.abort) if seconds else None

    return Patient
