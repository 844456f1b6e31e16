"""The routes. Everything that they know of the model comes from model/signature.json."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import hashlib
import logging
import os
import re
from pathlib import Path

import orjson
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from . import images, inference
from .contract import Invalid, shown
from .grouping import FEW, QUICK, Answers, within
from .guard import Guard
from .metrics import Metrics
from .model import Model, proved_group
from .openapi import document
from .problems import Problem, invalid, response
from .settings import Settings, read_keys

FOLDER = Path(__file__).parent
_NOT_USED = ("base-uri", "form-action", "frame-ancestors")
log = logging.getLogger("service")


class Service:
    """The model and what is counted; the routes below are its methods put into words of HTTP."""

    def __init__(self, settings: Settings):
        self.model, self.metrics = Model(is_fast=settings.fast != "off"), Metrics()
        self.contract = self.model.contract
        self.settings = settings.for_kind(self.contract.kind)
        self.most_rows = {"on": 256, "off": 1}.get(settings.grouping) or proved_group(self.model)
        threads = 1 if self.most_rows > 1 else min(4, os.cpu_count() or 1)
        self.answers = Answers(self.model.answer, most_rows=self.most_rows, threads=threads, on_call=self.metrics.groups.add)
        self.is_ready = False
        self.waiting = 0

    async def respond(self, call) -> Response:
        """To `POST /predict`. Raises Problem."""
        if self.contract.kind == "image" and not is_json(call.kind):
            files, is_many = await images.uploaded(call.request(), self.contract.names[0])
            body = [{self.contract.names[0]: file} for file in files]
        else:
            body = read_json(call.kind, call.body)
            is_many = isinstance(body, list)
        answers = await self.predict(body if isinstance(body, list) else [body], is_many=is_many)
        return as_json(answers if is_many else answers[0])

    async def predict(self, records: list, *, is_many: bool) -> list:
        """The answers to records in the form of the signature. Raises Problem."""
        if len(records) > self.settings.rows:
            raise Problem("too-large", f"One request may hold {self.settings.rows:,} rows; this one holds {len(records):,}.")
        if not records:
            raise invalid([{"row": 0, "field": None, "expected": "at least one row", "received": "an empty list"}])
        if self.contract.kind == "image":
            records = await self._images(records)
        else:
            try:
                records = self.contract.check(records, is_many=is_many)
            except Invalid as error:
                raise invalid(error.errors) from None
        answers = await self._answered(records)
        for row, found in enumerate(self.contract.warnings(records)):
            if found:
                answers[row] = {**answers[row], "warnings": found}
        return answers

    async def _images(self, records: list) -> list:
        name = self.contract.names[0]
        for row, record in enumerate(records):
            if not isinstance(record, dict) or set(record) != {name}:
                raise invalid([{"row": row, "field": name, "expected": "an image", "received": shown(record)}])
        raw = [record[name] if isinstance(record[name], bytes) else images.from_text(record[name], row, name) for row, record in enumerate(records)]
        files = await images.looked_at(raw, self.contract, self.settings.pixels)
        return [{name: file} for file in files]

    async def _answered(self, records: list) -> list:
        if self.waiting >= self.settings.requests:
            raise Problem("busy", "Too many predictions are being made at once.", headers={"Retry-After": "1"})
        self.waiting += 1
        try:
            answers = await within(self.settings.answer_seconds, self.answers.of(records, is_alone=self.contract.has_new_gap(records)))
        except asyncio.TimeoutError:
            raise Problem("no-answer-in-time", f"The model took more than {self.settings.answer_seconds:g} seconds.") from None
        finally:
            self.waiting -= 1
        if self.model.labels:
            self.metrics.labels.update(str(answer["prediction"]) for answer in answers)
        return answers

    def warm_up(self) -> None:
        self.is_ready = self.model.is_well()
        self.answers.is_quick = self.is_ready and self.model.seconds_for(min(self.most_rows, FEW)) < QUICK
        gc.freeze()  # what is here stays: looking through it for garbage again and again took a tenth of the time
        log.info("ready" if self.is_ready else "the model does not answer its own example")


def make_app(settings: Settings):
    """The ASGI application."""
    service = Service(settings)

    @contextlib.asynccontextmanager
    async def lifespan(app):
        service.warm_up()
        yield
        service.is_ready = False
        service.answers.close()

    app = FastAPI(title=service.contract.name, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    _add_pages(app, service)
    _add_routes(app, service)
    _add_inference(app, service)

    @app.exception_handler(Problem)
    async def refuse(request: Request, problem: Problem):
        return response(problem)

    @app.exception_handler(HTTPException)
    async def refuse_route(request: Request, error: HTTPException):
        name = {404: "not-found", 405: "wrong-method"}.get(error.status_code, "wrong-type")
        return response(Problem(name, "The addresses are listed at /docs.", headers=dict(error.headers or {})))

    guarded = Guard(app, service.respond, service.settings, read_keys(settings.keys), service.metrics)
    origins = [origin.strip() for origin in settings.origins.split(",") if origin.strip()]
    if not origins:
        return guarded
    return CORSMiddleware(guarded, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=["authorization", "content-type", "x-api-key"])


def _add_pages(app: FastAPI, service: Service) -> None:
    pages = {name: _page(FOLDER / f"{name}.html") for name in ("page", "docs")}

    @app.get("/")
    async def try_it():
        return pages["page"]()

    @app.get("/docs")
    async def docs():
        return pages["docs"]()

    @app.get("/openapi.json")
    async def openapi():
        return as_json(document(service.contract, service.settings))


def _add_routes(app: FastAPI, service: Service) -> None:
    @app.get("/signature")
    async def signature():
        return as_json(service.contract.signature)

    @app.get("/healthz")
    async def alive():
        return as_json({"status": "alive"})

    @app.get("/readyz")
    async def ready():
        if not service.is_ready:
            raise Problem("not-ready", "The model does not answer its own example.")
        return as_json({"status": "ready"})

    @app.get("/metrics")
    async def metrics():
        return Response(service.metrics.text(service.is_ready, service.contract.name), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/version")
    async def version():
        return as_json({"name": service.contract.name, **service.model.identity, "rows_in_one_call": service.most_rows, "in_fast_form": service.model.fast})


def _add_inference(app: FastAPI, service: Service) -> None:
    version = service.model.identity["model"][:12]

    def known(name: str) -> None:
        if name != service.contract.name:
            raise Problem("not-found", f"The model here is {service.contract.name}.")

    @app.get("/v2")
    async def server():
        return as_json({"name": f"{service.contract.name}-service", "version": version, "extensions": []})

    @app.get("/v2/health/live")
    async def live():
        return as_json({"live": True})

    @app.get("/v2/health/ready")
    async def ready():
        return as_json({"ready": service.is_ready}, 200 if service.is_ready else 503)

    @app.get("/v2/models/{name}")
    async def model(name: str):
        known(name)
        return as_json(inference.metadata(service.contract, version))

    @app.get("/v2/models/{name}/ready")
    async def model_ready(name: str):
        known(name)
        return as_json({"name": name, "ready": service.is_ready}, 200 if service.is_ready else 503)

    @app.post("/v2/models/{name}/infer")
    async def infer(name: str, request: Request):
        known(name)
        body = read_json(request.headers.get("content-type", "application/json").partition(";")[0].strip().lower(), await request.body())
        answers = await service.predict(inference.records_of(body, service.contract), is_many=True)
        return as_json(inference.response(answers, service.contract, version, body.get("id")))


def is_json(kind: str) -> bool:
    return kind == "application/json" or kind.endswith("+json")


def read_json(kind: str, body: bytes):
    """Problem for what is not JSON, or not called so. NaN and Infinity are no JSON."""
    if not is_json(kind):
        raise Problem("wrong-type", f"Send JSON, with the header Content-Type: application/json; this is {kind[:80] or 'of no type'}.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem("not-json", f"{str(error)[:200]}. A missing value is null.") from None


def as_json(content, status: int = 200) -> Response:
    """NaN, for which JSON has no word, becomes null."""
    return Response(orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS), status, media_type="application/json")


def _page(file: Path):
    """A page whose own script and style run, and no other: their hashes go along."""
    text = file.read_text(encoding="utf-8")
    policy = {"script-src": "script", "style-src": "style"}
    rules = [f"{rule} {' '.join(_hash(part) for part in re.findall(f'<{tag}>(.*?)</{tag}>', text, re.DOTALL))}" for rule, tag in policy.items()]
    header = "; ".join(["default-src 'none'", *rules, "img-src blob: data:", "connect-src 'self'", *(f"{rule} 'none'" for rule in _NOT_USED)])
    return lambda: HTMLResponse(text, headers={"content-security-policy": header, "cache-control": "no-cache"})


def _hash(part: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
