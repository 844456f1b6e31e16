"""Image: settings → engine → packages → Dockerfile → build → the proof rows through it → evidence → run or push."""

from __future__ import annotations

import platform as machine
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from json import dumps, loads
from pathlib import Path

from ferrata.errors import OutsideError, ProjectError, UsageError
from ferrata.flow.needs import needed
from ferrata.flow.serving import project_of_service
from ferrata.pages.image import built_page, image_data, proof_page, pushed_page, running_page
from ferrata.pages.json import to_json
from ferrata.pages.markdown import to_markdown
from ferrata.programs import engines, uv
from ferrata.programs.engines import Build, Container, Engine
from ferrata.programs.service import identity as asked_identity
from ferrata.records.image import Image, ImageRequest, ImageSettings, Needed, RunningImage
from ferrata.records.page import Page
from ferrata.records.service import ProofRow
from ferrata.records.signature import PROOF_ROWS, Signature
from ferrata.steps.imaging import components, contents, dockerfile, packages
from ferrata.steps.imaging.engine import choose, digest_in, digest_of_base, look, not_built, refusal
from ferrata.steps.imaging.settings import python_version, read_settings
from ferrata.steps.serving.files import changed_files
from ferrata.steps.serving.packages import GROUP, lacking
from ferrata.steps.serving.replay import read_rows, replay
from ferrata.steps.signature import read_signature
from ferrata.world import process
from ferrata.world.context import assemble
from ferrata.world.daemon import Daemon, started
from ferrata.world.disk import project_disk_errors, write_whole
from ferrata.world.loopback import free_port, is_ready, is_taken
from ferrata.world.reporter import Reporter
from ferrata.world.scratch import scratch

EVIDENCE = ("evidence/image.json", "evidence/image.md")
_START_SECONDS = 300.0
# Of all that is in an image and of the image itself: with the time of the commit no layer would be the one of the commit before. A label has that time.
_TIME = 0
_MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_PROOF_LABEL = f"{engines.LABEL}.proof"


def build(request: ImageRequest, reporter: Reporter, *, folder: Path | None = None) -> Page:
    """The image, built and proved; status 1 where an answer differs.

    ProjectError for a project that no image can be made of, ProgramMissing without an engine, OutsideError where the engine or a registry fails.
    """
    project = project_of_service(folder or Path.cwd())
    return built_page(proved(project, request, reporter))


def run(request: ImageRequest, reporter: Reporter, tell: Callable[[Page], None], *, folder: Path | None = None) -> Page | None:
    """Build, prove, and run until told to end; `tell` shows the page once the service is ready. The page of the proof where an answer differs."""
    project = project_of_service(folder or Path.cwd())
    if is_taken("127.0.0.1", request.port):
        todo = f"Take another one: ferrata image run --port {request.port + 1}."
        raise UsageError(f"Port {request.port} of 127.0.0.1 is taken", where="--port", todo=todo)
    image = proved(project, request, reporter)
    if not image.is_proved:
        return built_page(image)
    own = project / "service" / "keys.json"
    key = "" if own.is_file() else secrets.token_urlsafe(32)
    reporter.step("Start the image")
    with running(image, read_settings(project), choose(request.builder), request.port, {"run": key} if key else own, echo=True) as daemon:
        url = f"http://127.0.0.1:{request.port}"
        reporter.done(url)
        tell(running_page(RunningImage(image, project, url, key)))
        raise OutsideError(f"The image ended by itself, with status {daemon.wait()}", todo="\n".join(daemon.last) or "It wrote nothing.")


def push(request: ImageRequest, reporter: Reporter, *, folder: Path | None = None) -> Page:
    """Build, prove and push. ProjectError where what goes in is not committed, UsageError without a repository."""
    project = project_of_service(folder or Path.cwd())
    image = pushed(project, request, reporter)
    return pushed_page(image) if image.digest else built_page(image)


def pushed(project: Path, request: ImageRequest, reporter: Reporter) -> Image:
    """One whose answers differ is not pushed, and has no digest."""
    settings = read_settings(project)
    repository = request.repository or settings.repository
    if not repository:
        todo = "ferrata image push REPOSITORY, or set it: [tool.ferrata.image] repository = \"registry.example.org/team/NAME\" in pyproject.toml."
        raise UsageError("It is not said where to", where="ferrata image push", todo=todo)
    image = proved(project, request, reporter, must_be_committed=True)
    if not image.is_proved:
        return image
    engine = choose(request.builder)
    reference = f"{repository}:{image.identity.commit[:12]}"
    reporter.step(f"Push to {repository}")
    process.run(engines.tag(engine, image.reference, reference), check=True)
    with scratch("ferrata-push-", away_from=project) as folder:
        outcome = process.run(engines.push(engine, reference, folder / "digest"), on_line=reporter.detail)
        if outcome.status != 0:
            raise refusal(outcome, f"The image was not pushed to {repository}", repository)
        digest = _digest_after_push(engine, reference, folder / "digest")
    reporter.done(digest)
    return _with_evidence(project, replace(image, repository=repository, digest=digest))


def proved(project: Path, request: ImageRequest, reporter: Reporter, *, must_be_committed: bool = False) -> Image:
    """Built, run, and its answers compared; kept in evidence/."""
    rows = _rows(project)
    with project_disk_errors(project):
        image = _built(project, request, reporter, rows, must_be_committed=must_be_committed)
        reporter.step("Replay the proof rows through the image")
        image = _replayed(image, read_settings(project), choose(request.builder), rows, read_signature(project), reporter)
        reporter.done(f"{image.level.value}, {len(rows)} rows")
        return _with_evidence(project, image)


def _rows(project: Path) -> tuple[ProofRow, ...]:
    rows = read_rows(project)
    if not rows:
        todo = "Get them: ferrata pull. They are written when the notebook is adopted."
        raise ProjectError("There are no proof rows to prove an image with", where=str(project / PROOF_ROWS), todo=todo)
    return rows


def _built(project: Path, request: ImageRequest, reporter: Reporter, rows: tuple[ProofRow, ...], *, must_be_committed: bool) -> Image:
    signature, settings = read_signature(project), read_settings(project)
    _refuse_without_service(project, signature)
    before = dockerfile.written(project)
    reporter.step("Look for a container engine")
    engine = choose(request.builder)
    reporter.done(f"{engine.builder}{', with BuildKit' if engine.has_buildkit else ''}")
    need, wanted, key = _needed(project, signature, rows, before, reporter)
    base, digest = dockerfile.pinned(before)
    if base != settings.base or request.is_fresh_base:
        reporter.step(f"Look up the base {settings.base}")
        base, digest = settings.base, digest_of_base(engine, settings.base, request.platform)
        reporter.done(digest)
    paths = contents.folders(project, signature, need.reads)
    texts = {
        "Dockerfile": dockerfile.dockerfile(signature["name"], base, digest, paths, key=key, reads=need.reads),
        ".dockerignore": dockerfile.dockerignore(paths, is_with_rows=settings.is_with_rows), dockerfile.REQUIREMENTS: wanted,
    }  # fmt: skip
    written = _write(project, texts)
    identity = contents.identity(project, signature, paths)
    if identity.changed and must_be_committed:
        todo = f"Commit them, then do it again: git add {' '.join(identity.changed[:8])} && git commit."
        raise ProjectError(f"What goes into the image is not committed: {', '.join(identity.changed[:8])}", where=str(project), todo=todo)
    found = packages.packages_of(wanted, python=python_version(project), machine=_machine(request.platform))
    image = Image(_reference(signature["name"], identity.commit), "", 0, f"{base}@{digest}", engine.builder, request.platform, identity, found, written=written)
    write_whole(project / components.PLACE, components.components(identity, found, image.base).encode())
    return _made(project, image, settings, engine, paths, reporter)


def _refuse_without_service(project: Path, signature: Signature) -> None:
    stale = [path for path in changed_files(project) if path.endswith(".py")]
    if stale or lacking(project, signature):
        what = "The service of this project is not written yet" if lacking(project, signature) else f"The service is of another version: {', '.join(stale[:5])}"
        raise ProjectError(what, where=str(project / "service"), todo="Write and prove it, then commit it: ferrata serve --prove.")


def _needed(project: Path, signature: Signature, rows: tuple[ProofRow, ...], before: str, reporter: Reporter) -> tuple[Needed, str, str]:
    """What is needed, the requirements file that says so, and what that depends on. `before` is the Dockerfile that is there."""
    reporter.step("See which packages the service needs")
    process.run(uv.sync(project, groups=(GROUP,)), on_line=reporter.detail, check=True)
    key = packages.key_of(loads(process.run(asked_identity(project), check=True).output), dict(signature["model"]))
    place, lock = project / dockerfile.REQUIREMENTS, packages.Lock(project)
    text = place.read_text(encoding="utf-8") if place.is_file() else ""
    if found := packages.recorded(text, before, key):
        reporter.done(f"{len(found.packages)} of {len(lock.packages)}, as before")
        return found, text, key
    found = needed(project, signature, rows, lock, reporter)
    exported = process.run(uv.export(project, output="", group=GROUP), check=True).output
    reporter.done(f"{len(found.packages)} of {len(lock.packages)}")
    return found, packages.requirements_text(exported, lock, found), key


def _write(project: Path, texts: Mapping[str, str]) -> tuple[str, ...]:
    changed = {path: text for path, text in texts.items() if not (project / path).is_file() or (project / path).read_text(encoding="utf-8") != text}
    for path, text in changed.items():
        write_whole(project / path, text.encode())
    return tuple(changed)


def _machine(platform: str) -> str:
    """As markers of packages name it."""
    asked = platform.rpartition("/")[2] or _MACHINES.get(machine.machine(), machine.machine())
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(asked, asked)


def _reference(name: str, commit: str) -> str:
    words = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower()).strip("-")
    return f"localhost/{words or 'model'}:{commit[:12]}"


def _made(project: Path, image: Image, settings: ImageSettings, engine: Engine, paths: tuple[str, ...], reporter: Reporter) -> Image:
    reporter.step("Build the image")
    began = time.monotonic()
    with scratch("ferrata-image-", away_from=project) as folder:
        context = folder / "context"
        wanted = ("Dockerfile", ".dockerignore", dockerfile.REQUIREMENTS, *paths)
        assemble(project, wanted, context, is_left_out=lambda path: contents.is_left_out(path, is_with_rows=settings.is_with_rows))
        asked = Build(
            context, image.reference, folder / "id", _TIME, {"COMMIT": image.identity.revision}, _labels(image), image.platform, settings.network,
        )  # fmt: skip
        if not engine.is_docker:
            _on_runtime(project, engine, asked, reporter)
        _build(project, engine, asked, reporter)
    found = look(engine, image.reference) or {"Id": "", "Size": 0, "Os": "", "Architecture": ""}
    seconds = time.monotonic() - began
    reporter.done(f"{found['Id'][7:19]}, {found['Size'] / 1e6:,.0f} MB")
    return replace(image, id=found["Id"], size=int(found["Size"]), platform=f"{found['Os']}/{found['Architecture']}", seconds=seconds)


def _on_runtime(project: Path, engine: Engine, asked: Build, reporter: Reporter) -> None:
    """The stage with the packages becomes an image of its own, unless it is one, and the Dockerfile in the context goes on from there."""
    place = asked.context / "Dockerfile"
    text, wanted = place.read_text(encoding="utf-8"), (asked.context / dockerfile.REQUIREMENTS).read_text(encoding="utf-8")
    reference = f"{asked.tag.rpartition(':')[0]}-runtime:{dockerfile.runtime_key(text, wanted, asked.platform)}"
    if look(engine, reference) is None:
        _build(project, engine, replace(asked, tag=reference, target=dockerfile.RUNTIME, arguments={}, labels={}), reporter)
        for old in set(process.run(engines.names(engine, reference.rpartition(":")[0])).output.split()) - {reference}:
            process.run(engines.remove_image(engine, old))
    place.write_text(dockerfile.on_runtime(text, reference), encoding="utf-8")


def _build(project: Path, engine: Engine, asked: Build, reporter: Reporter) -> None:
    outcome = process.run(engines.build(engine, asked), on_line=reporter.detail)
    if outcome.status != 0:
        raise not_built(outcome, project / "Dockerfile")


def _labels(image: Image) -> dict[str, str]:
    identity = image.identity
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(identity.seconds))
    standard = {"title": identity.name, "revision": identity.revision, "created": created, "base.name": image.base.partition("@")[0]}
    ours = {"data": identity.data, "model": identity.model, "lock": identity.lock}
    labels = {f"org.opencontainers.image.{name}": value for name, value in (*standard.items(), ("base.digest", image.base.partition("@")[2]))}
    return {**labels, **{f"{engines.LABEL}.{name}": value for name, value in ours.items()}}


def _replayed(image: Image, settings: ImageSettings, engine: Engine, rows: tuple[ProofRow, ...], signature: Signature, reporter: Reporter) -> Image:
    """Through a container that runs as it will everywhere: other user, nothing to write to, no capability, a key; but as often as one likes."""
    key, port = secrets.token_urlsafe(32), free_port()
    _remove_left(engine, image)
    with running(image, settings, engine, port, {"proof": key}, environment={"SERVICE_RATE": "0"}):
        field, bound = signature["inputs"][0]["name"], signature["proof"].get("bound")
        proof = replay(rows, "127.0.0.1", port, field, key=key, bound=bound, on_count=lambda done, all: reporter.detail(f"{done} of {all}"))
    proof = replace(proof, of=signature["proof"]["of"])
    found = (proof.identity.get("model"), proof.identity.get("commit"))
    if found != (image.identity.model, image.identity.revision):  # an engine's cache may hold what was built for another commit
        what = "What answered is not the model and the commit that the image was built from"
        raise OutsideError(what, where=image.reference, todo="Build it again: ferrata image build.")
    return replace(image, proof=proof)


def _remove_left(engine: Engine, image: Image) -> None:
    """Containers of a proof that was killed."""
    left = process.run(engines.containers(engine, f"{_PROOF_LABEL}={image.identity.name}")).output.split()
    if left:
        process.run(engines.remove(engine, left))


@contextmanager
def running(
    image: Image, settings: ImageSettings, engine: Engine, port: int, keys: Path | Mapping[str, str], *, environment: Mapping[str, str] | None = None,
    echo: bool = False,
) -> Iterator[Daemon]:
    """The image in a container, from when it is ready. `keys` is a file of hashed keys, or names and keys."""
    with tempfile.TemporaryDirectory(prefix="ferrata-keys-") as folder:
        place = Path(folder) / "keys.json"
        # The folder keeps others out; the user inside the container reads the file itself.
        hashed = keys.read_text(encoding="utf-8") if isinstance(keys, Path) else dumps({name: sha256(key.encode()).hexdigest() for name, key in keys.items()})
        place.write_text(hashed, encoding="utf-8")
        place.chmod(0o444)
        labels = {_PROOF_LABEL: image.identity.name}
        container = Container(image.reference, port, place, network=settings.network, labels=labels, environment=environment)
        with started(engines.run(engine, container), echo=echo) as daemon:
            daemon.wait_until(lambda: is_ready("127.0.0.1", port), seconds=_START_SECONDS)
            yield daemon


def _digest_after_push(engine: Engine, reference: str, told: Path) -> str:
    """podman says it in a file; what it knows of the image itself is not what the registry got, which is packed anew. docker knows the registry's."""
    digest = told.read_text(encoding="utf-8").strip() if told.is_file() else digest_in(look(engine, reference) or {}, reference)
    if digest:
        return digest
    todo = f"Ask the registry: {engine.program} pull {reference}."
    raise OutsideError("The image was pushed, but the engine does not say under which digest", where=reference, todo=todo)


def _with_evidence(project: Path, image: Image) -> Image:
    page = proof_page(image)
    write_whole(project / EVIDENCE[0], (to_json(Page(page.title, data=image_data(image))) + "\n").encode())
    write_whole(project / EVIDENCE[1], to_markdown(page).encode())
    return image
