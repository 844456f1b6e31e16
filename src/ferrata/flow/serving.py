"""Serve: signature → files → packages → proof over HTTP → evidence → the service runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ferrata.errors import OutsideError, ProjectError, UsageError
from ferrata.pages.json import to_json
from ferrata.pages.markdown import to_markdown
from ferrata.pages.service import proof_page, serving_page
from ferrata.programs import uv
from ferrata.programs.service import identity, run_service
from ferrata.records.page import Page
from ferrata.records.service import ProofRow, ServeRequest, ServiceProof, Serving
from ferrata.records.signature import PLACE, PROOF_ROWS, Signature
from ferrata.steps.serving.clients import write_guide
from ferrata.steps.serving.files import changed_files
from ferrata.steps.serving.packages import GROUP, lacking, undated
from ferrata.steps.serving.replay import read_rows, replay
from ferrata.steps.signature import read_signature
from ferrata.store.dvcfile import dvcfile_path
from ferrata.store.running.plan import find_project
from ferrata.world import process
from ferrata.world.daemon import Daemon, started
from ferrata.world.disk import project_disk_errors, write_whole
from ferrata.world.loopback import free_port, is_ready, is_taken
from ferrata.world.reporter import Reporter

LOOPBACK = ("127.0.0.1", "::1", "localhost")
EVIDENCE = ("evidence/serve.json", "evidence/serve.md")
GUIDE = "service/USE.md"
_START_SECONDS = 300.0  # TensorFlow on a cold disk
_IDENTITY = ("model", "code", "lock", "service")
# The proof is made of the service as it will run, but for what keeps strangers out.
_OF_THE_PROOF = {"SERVICE_GROUPING": "on", "SERVICE_KEYS": os.devnull + "-none", "SERVICE_RATE": "0", "SERVICE_ORIGINS": ""}


def serve(request: ServeRequest, reporter: Reporter, tell: Callable[[Page], None], *, folder: Path | None = None) -> Page | None:
    """Serve until told to end; `tell` shows the page once the service is ready. With `is_proof`, the page of the proof instead.

    UsageError for a host that others reach while there is no key, or a port that is taken; ProjectError where there is nothing to serve; OutsideError
    where the packages cannot be had or the service does not start.
    """
    project = project_of_service(folder or Path.cwd())
    signature = read_signature(project)
    needs_key = _keys(project)
    _refuse_strangers(request, project, needs_key)
    with project_disk_errors(project):
        written = prepare(project, signature, reporter)
        serving = Serving(project, f"http://{_shown(request.host)}:{request.port}", signature, None, "", needs_key, written)
        serving = _proved(serving, reporter, is_asked_for=request.is_proof)
    if request.is_proof:
        return proof_page(serving)
    reporter.step("Start the service")
    with _running(project, request.host, request.port, {}, echo=True) as daemon:
        reporter.done(serving.url)
        tell(serving_page(serving))
        status = daemon.wait()
        raise OutsideError(f"The service ended by itself, with status {status}", where=str(project), todo="\n".join(daemon.last) or "It wrote nothing.")


def prepare(project: Path, signature: Signature, reporter: Reporter) -> tuple[str, ...]:
    """The files of the service as they should be, and its packages installed; the paths that changed."""
    changed = {**changed_files(project), **_changed_guide(project, signature)}
    for path, text in changed.items():
        write_whole(project / path, text.encode())
    return (*changed, *_with_packages(project, signature, reporter))


def project_of_service(folder: Path) -> Path:
    """The project that the folder is in; one with a signature needs no pipeline. ProjectError where there is none."""
    if project := find_project(folder):
        return project
    for each in (folder, *folder.parents):
        if (each / PLACE).is_file():
            return each
    raise ProjectError("There is no project here", where=str(folder), todo="Go to a project's folder, or make one: ferrata adopt NOTEBOOK.")


def _keys(project: Path) -> bool:
    """Whether the service asks for an API key."""
    place = Path(os.environ.get("SERVICE_KEYS") or project / "service" / "keys.json")
    try:
        return bool(json.loads(place.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise ProjectError(f"The file of API keys cannot be read: {error}", where=str(place), todo="Remove it and make the keys again.") from error


def _refuse_strangers(request: ServeRequest, project: Path, needs_key: bool) -> None:
    if request.host not in LOOPBACK and not needs_key and not request.is_proof:
        todo = f"Make one, in {project}: uv run --group {GROUP} python -m service key add NAME. It prints the key, this once."
        raise UsageError(f"{request.host} can be reached by others, and there is no API key", where="--host", todo=todo)
    if not request.is_proof and is_taken(request.host, request.port):
        raise UsageError(f"Port {request.port} of {request.host} is taken", where="--port", todo=f"Take another one: ferrata serve --port {request.port + 1}.")


def _changed_guide(project: Path, signature: Signature) -> dict[str, str]:
    text, place = write_guide(signature), project / GUIDE
    return {} if place.is_file() and place.read_text(encoding="utf-8") == text else {GUIDE: text}


def _with_packages(project: Path, signature: Signature, reporter: Reporter) -> tuple[str, ...]:
    """pyproject.toml and uv.lock with the group, the environment as they say; the paths that changed."""
    changed: tuple[str, ...] = ()
    reporter.step("Packages of the service")
    if missing := lacking(project, signature):
        _add(project, missing)
        process.run(uv.export(project, output="service/requirements.txt", only_group=GROUP), check=True)
        changed = ("pyproject.toml", "uv.lock", "service/requirements.txt")
    process.run(uv.sync(project, groups=(GROUP,)), on_line=reporter.detail, check=True)
    reporter.done(f"group {GROUP} added to pyproject.toml and uv.lock" if changed else "as the lock says")
    return changed


def _add(project: Path, missing: tuple[str, ...]) -> None:
    """The packages of the model keep their versions: uv changes a lock only as far as it must."""
    outcome = process.run(uv.add(project, *missing, group=GROUP))
    if outcome.status == 0:
        return
    today = undated(project)
    before = (project / "pyproject.toml").read_bytes()
    if today:
        write_whole(project / "pyproject.toml", today.encode())
        outcome = process.run(uv.add(project, *missing, group=GROUP))
    if outcome.status != 0:
        write_whole(project / "pyproject.toml", before)
        what = "The packages of the service cannot be had together with those of the model"
        raise OutsideError(what, where=str(project / "pyproject.toml"), todo=outcome.error.strip()[-1500:])


def _proved(serving: Serving, reporter: Reporter, *, is_asked_for: bool) -> Serving:
    """With a proof: the recorded one where it is of this very service, else a new one; without where there are no rows to replay."""
    rows = read_rows(serving.project)
    if not rows and is_asked_for:
        is_tracked = dvcfile_path(serving.project / PROOF_ROWS).is_file()
        todo = "Get them: ferrata pull." if is_tracked else "They are written when the notebook is adopted: ferrata adopt notebooks/NAME.ipynb --again."
        raise ProjectError("There are no proof rows to replay", where=str(serving.project / PROOF_ROWS), todo=todo)
    level = "" if is_asked_for or not rows else _recorded_level(serving.project)
    if level or not rows:
        return replace(serving, recorded_level=level)
    return replace(serving, proof=_replayed(serving.project, serving.signature, rows, reporter))


def _replayed(project: Path, signature: Signature, rows: Sequence[ProofRow], reporter: Reporter) -> ServiceProof:
    """A new proof, of an instance that ends with it; kept in evidence/."""
    port = free_port()
    reporter.step("Replay the proof rows over HTTP")
    with _running(project, "127.0.0.1", port, _OF_THE_PROOF):
        name, bound = signature["inputs"][0]["name"], signature["proof"].get("bound")
        proof = replay(rows, "127.0.0.1", port, name, bound=bound, on_count=lambda done, all: reporter.detail(f"{done} of {all}"))
    proved = signature["proof"]
    proof = replace(proof, of=proved["of"] if len(rows) >= proved["rows"] else f"{len(rows)} of the {proved['rows']} rows of {proved['of']}")
    page = proof_page(Serving(project, "", signature, proof))
    write_whole(project / EVIDENCE[0], (to_json(page) + "\n").encode())
    write_whole(project / EVIDENCE[1], to_markdown(page).encode())
    reporter.done(f"{proof.level.value}, {len(rows)} rows")
    return proof


def _recorded_level(project: Path) -> str:
    """What evidence/ says of this very model, code, lock and service; "" for nothing."""
    try:
        found = json.loads((project / EVIDENCE[0]).read_text(encoding="utf-8"))
        recorded, level = found["identity"], str(found["level"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    now = json.loads(process.run(identity(project), check=True).output)
    return level if all(recorded.get(part) == now[part] for part in _IDENTITY) else ""


@contextmanager
def _running(project: Path, host: str, port: int, settings: Mapping[str, str], *, echo: bool = False) -> Iterator[Daemon]:
    """The service, from when it is ready."""
    reached = {"0.0.0.0": "127.0.0.1", "localhost": "127.0.0.1", "::": "::1"}.get(host, host)
    with started(run_service(project, host=host, port=port, settings=settings), echo=echo) as daemon:
        daemon.wait_until(lambda: is_ready(reached, port), seconds=_START_SECONDS)
        yield daemon


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
