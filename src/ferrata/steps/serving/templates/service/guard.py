"""What stands before every route: who may call, how often, how much and how long; the log and the counters."""

from __future__ import annotations

import asyncio
import collections
import functools
import logging
import os
import sys
import time

import orjson
from starlette.requests import Request

from .grouping import within
from .metrics import Metrics
from .model import place_of
from .problems import Problem, response
from .settings import LOOPBACK, Settings, name_of_key

log = logging.getLogger("service")
# Open to everybody: they tell nothing of the model's data, and a page cannot send a key with its first request.
OPEN = {"/", "/docs", "/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"}
PREDICT = "/predict"
_MOST_CALLERS = 10_000
_SENT_ALONG = [
    (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"), (b"cache-control", b"no-store"),
]  # fmt: skip


class Guard:
    """An ASGI application around another one. `predict` makes the response to `POST /predict`: what is asked most takes no way around through routes."""

    def __init__(self, app, predict, settings: Settings, keys: dict, metrics: Metrics):
        self.app, self.predict, self.settings, self.keys, self.metrics = app, predict, settings, keys, metrics
        self.held = 0  # bytes of bodies in memory
        self.callers: collections.OrderedDict = collections.OrderedDict()
        self.hosts = {*LOOPBACK, "[::1]", *filter(None, settings.hosts.split(","))}

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        call = _Call(scope, send)
        self.metrics.running += 1
        try:
            await self._handled(call, receive)
        except Problem as problem:
            await self._refuse(call, problem)
        except asyncio.TimeoutError:
            await self._refuse(call, Problem("no-answer-in-time", f"There was no answer within {self.settings.answer_seconds:g} seconds."))
        except ConnectionError:
            call.status = call.status or 499  # the client is gone
        except Exception as error:
            log.error("failed", extra={"id": call.id, "error": type(error).__name__, "place": place_of(error)})
            await self._refuse(call, Problem("failed", f"The log tells more under {call.id}."))
        finally:
            self.held -= call.held
            self.metrics.running -= 1
            self._account(call)

    async def _handled(self, call: _Call, receive) -> None:
        self._let_in(call)
        call.body = await self._body(call, receive) if call.scope["method"] in ("POST", "PUT", "PATCH") else b""
        if call.scope["path"] == PREDICT:
            if call.scope["method"] != "POST":
                raise Problem("wrong-method", "Only POST is taken here.", headers={"Allow": "POST"})
            answer = await within(self.settings.answer_seconds, self.predict(call))
            await answer(call.scope, receive, call.send)
        else:
            await within(self.settings.answer_seconds, self.app(call.scope, _given(call.body, receive), call.send))

    def _let_in(self, call: _Call) -> None:
        """Problem for the wrong host, a missing key, or too many requests."""
        if not self.keys and self.settings.is_on_loopback and call.host not in self.hosts:
            # Another site's name that points here would make its pages ours (DNS rebinding); and a proxy would open us to the world.
            raise Problem("wrong-host", "Without API keys only this machine is served. Name other hosts in SERVICE_HOSTS, or make a key.")
        if self.keys and call.scope["path"] not in OPEN and call.scope["method"] != "OPTIONS":
            call.key = name_of_key(self.keys, call.given_key)
            if not call.key:
                raise Problem("no-key", "Send it as `Authorization: Bearer KEY` or as `X-API-Key: KEY`.", headers={"WWW-Authenticate": "Bearer"})
        if self.settings.rate > 0 and (call.key or call.client not in LOOPBACK):
            self._count(call.key or call.client)

    def _count(self, caller: str) -> None:
        """One bucket of tokens for each caller; the callers heard of longest ago are forgotten."""
        now, rate, burst = time.monotonic(), self.settings.rate, self.settings.burst
        tokens, last = self.callers.pop(caller, (burst, now))
        tokens = min(burst, tokens + (now - last) * rate)
        self.callers[caller] = (max(tokens - 1, -1), now)
        if len(self.callers) > _MOST_CALLERS:
            self.callers.popitem(last=False)
        if tokens < 1:
            raise Problem("too-many", f"{rate:g} a second are answered.", headers={"Retry-After": str(max(1, round((1 - tokens) / rate)))})

    async def _body(self, call: _Call, receive) -> bytes:
        try:
            return await within(self.settings.body_seconds, self._read(call, receive))
        except asyncio.TimeoutError:
            raise Problem("too-slow", f"The body must arrive within {self.settings.body_seconds:g} seconds.", headers={"Connection": "close"}) from None

    async def _read(self, call: _Call, receive) -> bytes:
        parts, size, is_too_large = [], 0, False
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError
            part = message.get("body", b"")
            size += len(part)
            is_too_large = is_too_large or size > self.settings.body_bytes or max(self.held, 0) + len(part) > self.settings.held_bytes
            if is_too_large:
                parts.clear()  # what follows is read and dropped, so that the client hears the answer; up to a point
                self._let_go(call)
            else:
                parts.append(part)
                self.held += len(part)
                call.held += len(part)
            if not message.get("more_body") or size > 4 * self.settings.body_bytes:
                break
        if size > self.settings.body_bytes:
            raise Problem("too-large", f"A body may have {self.settings.body_bytes:,} bytes.", headers={"Connection": "close"})
        if is_too_large:
            raise Problem("busy", "Too much is being received at once.", headers={"Retry-After": "1"})
        return b"".join(parts)

    def _let_go(self, call: _Call) -> None:
        self.held -= call.held
        call.held = 0

    async def _refuse(self, call: _Call, problem: Problem) -> None:
        if call.status:  # half an answer was sent: nothing that follows would be understood
            raise ConnectionResetError
        await response(problem)(call.scope, None, call.send)

    def _account(self, call: _Call) -> None:
        seconds = time.monotonic() - call.started
        self.metrics.count(call.route, call.status, seconds)
        if call.route != "/healthz":
            more = {"id": call.id, "method": call.scope["method"], "path": call.route, "status": call.status, "ms": round(seconds * 1000, 2)}
            write_line("info", "request", {**more, "key": call.key} if call.key else more)


class _Call:
    """One request on its way. What was sent in it is never kept here."""

    def __init__(self, scope, send):
        self.scope, self._send = scope, send
        self.id = os.urandom(8).hex()
        self.started = time.monotonic()
        self.status, self.held, self.key = 0, 0, ""
        self.client = (scope.get("client") or ("",))[0]
        self.host = self.given_key = self.kind = ""
        self.body = b""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1").lower()
                self.host = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
            elif name == b"content-type":
                self.kind = value.decode("latin-1").partition(";")[0].strip().lower()
            elif name == b"authorization" and value[:7].lower() == b"bearer ":
                self.given_key = value[7:].decode("latin-1").strip()
            elif name == b"x-api-key":
                self.given_key = value.decode("latin-1").strip()

    def request(self) -> Request:
        """For what reads forms."""
        return Request(self.scope, _given(self.body, _nothing_more))

    @property
    def route(self) -> str:
        """The path as the service names it; a path that it does not know may hold anything."""
        path = self.scope["path"]
        return path if path in OPEN or path == PREDICT else getattr(self.scope.get("route"), "path", None) or "other"

    async def send(self, message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            has_cache = any(name == b"cache-control" for name, _ in message["headers"])
            message["headers"] = [*message["headers"], *(_SENT_ALONG[:2] if has_cache else _SENT_ALONG), (b"x-request-id", self.id.encode())]
        await self._send(message)


def _given(body: bytes, receive):
    """A `receive` that hands out the body that was read already, then waits for the client to go."""
    is_given = False

    async def give():
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return give


async def _nothing_more():
    return {"type": "http.disconnect"}


class JsonLines(logging.Handler):
    """A line of JSON for each record, with what the service adds and nothing of what was sent."""

    MORE = ("id", "error", "place", "rows")

    def emit(self, record: logging.LogRecord) -> None:
        more = {name: record.__dict__[name] for name in self.MORE if record.__dict__.get(name, "") != ""}
        write_line(record.levelname.lower(), record.getMessage(), more)


def write_line(level: str, message: str, more: dict) -> None:
    """To standard output, at once."""
    line = orjson.dumps({"time": _time(int(time.time())), "level": level, "message": message, **more}, option=orjson.OPT_APPEND_NEWLINE)
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


@functools.lru_cache(maxsize=1)
def _time(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(second))
