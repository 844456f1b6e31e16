"""What stands before every route: who may call, how often, how much and how long; the log and the counters."""

from __future__ import annotations

import asyncio
import collections
import json
import logging
import time
import uuid

from .grouping import within
from .metrics import Metrics
from .model import place_of
from .problems import Problem, response
from .settings import LOOPBACK, Settings, name_of_key

log = logging.getLogger("service")
# Open to everybody: they tell nothing of the model's data, and a page cannot send a key with its first request.
OPEN = {"/", "/docs", "/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"}
_MOST_CALLERS = 10_000
_SENT_ALONG = [
    (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"), (b"cache-control", b"no-store"),
]  # fmt: skip


class Guard:
    """An ASGI application around another one."""

    def __init__(self, app, settings: Settings, keys: dict, metrics: Metrics):
        self.app, self.settings, self.keys, self.metrics = app, settings, keys, metrics
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
            await within(self.settings.body_seconds + self.settings.answer_seconds, self._handled(call, receive))
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
        body = await self._body(call, receive) if call.scope["method"] in ("POST", "PUT", "PATCH") else b""
        await self.app(call.scope, _given(body, receive), call.send)

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
            more = {"id": call.id, "method": call.scope["method"], "path": call.route, "status": call.status, "ms": round(seconds * 1000, 2), "key": call.key}
            log.info("request", extra=more)


class _Call:
    """One request on its way. What was sent in it is never kept here."""

    def __init__(self, scope, send):
        self.scope, self._send = scope, send
        self.id = uuid.uuid4().hex[:16]
        self.started = time.monotonic()
        self.status, self.held, self.key = 0, 0, ""
        self.client = (scope.get("client") or ("",))[0]
        self.host = self.given_key = ""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1").lower()
                self.host = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
            elif name == b"authorization" and value[:7].lower() == b"bearer ":
                self.given_key = value[7:].decode("latin-1").strip()
            elif name == b"x-api-key":
                self.given_key = value.decode("latin-1").strip()

    @property
    def route(self) -> str:
        """The path as the service names it; a path that it does not know may hold anything."""
        return getattr(self.scope.get("route"), "path", None) or (self.scope["path"] if self.scope["path"] in OPEN else "other")

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


class JsonLines(logging.Formatter):
    """A line of JSON for each record, with what the service adds and nothing of what was sent."""

    MORE = ("id", "method", "path", "status", "ms", "key", "error", "place", "rows")

    def format(self, record: logging.LogRecord) -> str:
        more = {name: getattr(record, name) for name in self.MORE if getattr(record, name, "") != ""}
        text = {"time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname.lower(), "message": record.getMessage(), **more}
        return json.dumps(text)
