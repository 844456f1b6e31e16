"""Ship: image → proof → target → new release beside the old one → proof there → switch → drain → evidence. And back, and away."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ferrata.errors import FerrataError, ProjectError, ReleaseRefused, UsageError
from ferrata.flow import imaging
from ferrata.flow.rollout import Rolling
from ferrata.flow.serving import project_of_service
from ferrata.flow.ways import LocalWay, ServerWay, Way
from ferrata.pages.shipping import down_page, plan_page, shipped_page, status_page
from ferrata.programs import engines
from ferrata.programs.engines import Engine
from ferrata.records.image import Identity, Image, ImageRequest
from ferrata.records.page import Page
from ferrata.records.service import ProofRow
from ferrata.records.shipping import Placed, Release, Run, Shipped, State, Target
from ferrata.records.signature import PROOF_ROWS, Signature
from ferrata.steps.imaging.engine import choose
from ferrata.steps.imaging.settings import read_settings, table
from ferrata.steps.serving.replay import rows_of
from ferrata.steps.shipping import local, machine, server
from ferrata.steps.shipping.audit import FILE, line
from ferrata.steps.shipping.hosts import Host, host_of
from ferrata.steps.shipping.machine import Machine
from ferrata.steps.shipping.states import from_text
from ferrata.steps.shipping.targets import chosen, slug, targets
from ferrata.steps.signature import read_signature
from ferrata.world.disk import append_line, project_disk_errors
from ferrata.world.reporter import Reporter
from ferrata.world.scratch import scratch


@dataclass(frozen=True)
class Site:
    """A target that is being worked at: its machine, how it is reached, and what stands there."""

    project: Path
    signature: Signature
    target: Target
    host: Host
    machine: Machine
    state: State
    way: Way

    @property
    def engine(self) -> Engine:
        return self.machine.engine

    @property
    def address(self) -> str:
        return server.address(self.target) if self.target.kind == "server" else local.address(self.target)


def ship(name: str, reporter: Reporter, *, builder: str = "", is_yes: bool = False, folder: Path | None = None) -> Page:
    """The project, as it is committed, serves at the target. ReleaseRefused (status 1) where it was not shipped: what served before serves on.

    UsageError where something would have to be installed there and nobody said yes (`is_yes`, or the answer to the question).
    """
    project = project_of_service(folder or Path.cwd())
    target = _target(project, name)
    keys = _keys(project)
    with _site(project, target, builder) as site:
        _ask_to_install(site, is_yes, reporter)
    image = _image(project, target, builder, reporter)
    began = time.monotonic()
    with _site(project, target, builder) as site, site.host.alone(), _audited(site, "shipped", _release(image)):
        site = replace(_recovered(site, reporter), machine=replace(site.machine, fetched=site.way.fetched(image, choose(builder))))
        release = _release(image)
        serving = site.state.serving
        if serving and serving.release == release and serving.keys == machine.keys_hash(keys) and _answers(site, serving):
            return shipped_page(Shipped(target, "unchanged", project, serving, None, site.address))
        return shipped_page(_rolled(site, release, keys, (project / PROOF_ROWS).read_text(encoding="utf-8"), "shipped", began, reporter))


def rollback(name: str, to: str, reporter: Reporter, *, builder: str = "", folder: Path | None = None) -> Page:
    """An earlier release serves again, proved by its own rows. UsageError where there is none of that name."""
    project = project_of_service(folder or Path.cwd())
    target = _target(project, name)
    began = time.monotonic()
    with _site(project, target, builder) as site, site.host.alone():
        site = _recovered(site, reporter)
        earlier = _earlier(site.state, to, name)
        rows = site.host.read(machine.rows_place(target, earlier.release))
        with _audited(site, "rolled-back", earlier.release):
            return shipped_page(_rolled(site, earlier.release, _keys(project), rows, "rolled-back", began, reporter))


def plan(name: str, *, builder: str = "", folder: Path | None = None) -> Page:
    """Every command that `ship` would run at the target and every file that it would write there; nothing is built or changed."""
    project = project_of_service(folder or Path.cwd())
    target = _target(project, name)
    with _site(project, target, builder) as site:
        image = _unbuilt(project, target)
        site = replace(site, machine=replace(site.machine, fetched=site.way.fetched(image, choose(builder))))
        acts, state = machine.recovered(site.machine, site.state)
        release = Release("NEW", slug(site.signature["name"]), "", "", "", "", image.pinned or "IMAGE", "", 0)
        new = machine.placed(state, release, port=site.host.free_port(), keys={}, now="")
        rollout = machine.rollout(site.machine, state, new, keys={}, rows="")
        every = (*acts, *rollout.start, *rollout.switch, *rollout.finish)
        return plan_page(Shipped(target, "planned", project, new, state.serving, site.address, acts=every), target)


def status(*, folder: Path | None = None) -> Page:
    """What serves where, since when, and what it replaced."""
    project = project_of_service(folder or Path.cwd())
    found = []
    for target in _targets(project).values():
        try:
            with _site(project, target, "") as site:
                serving = site.state.serving
                found.append((target, site.state, site.address, serving is not None and _answers(site, serving), ""))
        except FerrataError as error:
            found.append((target, State(), "", False, error.what))
    return status_page(project, found)


def down(name: str, reporter: Reporter, *, builder: str = "", folder: Path | None = None) -> Page:
    """Nothing of the target is left on its machine; what is left elsewhere is said."""
    project = project_of_service(folder or Path.cwd())
    target = _target(project, name)
    with _site(project, target, builder) as site, site.host.alone():
        serving = site.state.serving
        reporter.step(f"Remove {target.name}")
        rolling = _rolling(site, (), "", reporter)
        rolling.perform(machine.ended(site.machine, site.state))
        site.host.removed()
        reporter.done("")
        if serving:
            _audit(site, "down", serving.release, "")
    return down_page(Shipped(target, "down", project, serving, None, site.address), read_settings(project).repository)


def _rolled(site: Site, release: Release, keys: dict[str, str], rows: str, act: str, began: float, reporter: Reporter) -> Shipped:
    key = secrets.token_urlsafe(32)
    new = machine.placed(site.state, release, port=site.host.free_port(), keys=keys, now=_now())
    known = {**keys, "proof": hashlib.sha256(key.encode()).hexdigest()}
    rolling = _rolling(site, rows_of(site.project, rows), key, reporter)
    reporter.step(f"Start {release.id} beside what serves")
    notes = (*rolling.roll(machine.rollout(site.machine, site.state, new, keys=known, rows=rows)), *site.way.told(site.project))
    return Shipped(site.target, act, site.project, new, site.state.serving, site.address, rolling.switched - began, notes, proof=rolling.proof)


def _image(project: Path, target: Target, builder: str, reporter: Reporter) -> Image:
    """Built, proved, and pushed where the project has a registry and the target is another machine."""
    request = ImageRequest(builder or (target.engine if target.kind == "local" else ""))
    is_pushed = target.kind != "local" and bool(read_settings(project).repository)
    image = imaging.pushed(project, request, reporter) if is_pushed else imaging.proved(project, request, reporter, must_be_committed=True)
    if not image.is_proved:
        raise ReleaseRefused(f"{image.reference} does not give the notebook's answers", where=str(project), todo="See which: ferrata image build.")
    return image


def _unbuilt(project: Path, target: Target) -> Image:
    """Stands for the image in a plan."""
    repository = read_settings(project).repository if target.kind != "local" else ""
    nothing = Identity("", "", 0, (), "", "", "")
    return Image("IMAGE", "IMAGE", 0, "", "", "", nothing, repository=repository, digest="DIGEST" if repository else "")


def _ask_to_install(site: Site, is_yes: bool, reporter: Reporter) -> None:
    """What is installed at the target is said before, and only done with consent."""
    if not site.machine.prepared or is_yes:
        return
    what = "; ".join(act.command.why for act in site.machine.prepared if isinstance(act, Run))
    if reporter.question(f"{site.target.host} lacks what is needed. {what}?", ("yes", "no"), "no") != "yes":
        todo = f"See it: ferrata ship plan {site.target.name}. Agree to it: ferrata ship {site.target.name} --yes."
        raise UsageError(f"Something must be installed on {site.target.host}: {what}", where=f"target {site.target.name}", todo=todo)


def _rolling(site: Site, rows: Sequence[ProofRow], key: str, reporter: Reporter) -> Rolling:
    field, bound = site.signature["inputs"][0]["name"], site.signature["proof"].get("bound")
    return Rolling(site.target, site.host, site.engine, rows, field, key, site.way.version, reporter, bound)


def _recovered(site: Site, reporter: Reporter) -> Site:
    """What a killed command left is undone first."""
    acts, state = machine.recovered(site.machine, site.state)
    if acts:
        reporter.step("Undo what was begun and not finished")
        _rolling(site, (), "", reporter).perform(acts)
        reporter.done("")
    return replace(site, state=state)


@contextmanager
def _site(project: Path, target: Target, builder: str) -> Iterator[Site]:
    signature = read_signature(project)
    with project_disk_errors(project), scratch("ferrata-ship-", away_from=project) as folder:
        host = host_of(target, folder / "ssh")
        place = machine.state_place(target)
        state = from_text(host.read(place), place)
        if target.kind == "server":
            found = server.look(host)
            engine = found.engine(target.engine or state.engine)
            yield Site(project, signature, target, host, server.machine(target, found, engine), state, ServerWay(target, host, found, engine))
            return
        engine = choose(builder or target.engine or state.engine)
        target = replace(target, network=target.network or read_settings(project).network)
        yield Site(project, signature, target, host, local.machine(target, engine), state, LocalWay(target))


def _targets(project: Path) -> dict[str, Target]:
    return targets(project, table(project, "ship"), read_signature(project)["name"])


def _target(project: Path, name: str) -> Target:
    return chosen(_targets(project), name)


def _keys(project: Path) -> dict[str, str]:
    """{name: hash} of the people and programs that may call. UsageError for none: nobody could use what would be shipped."""
    place = project / "service" / "keys.json"
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        found = {}
    except (OSError, ValueError) as error:
        raise ProjectError(f"The file of API keys cannot be read: {error}", where=str(place), todo="Remove it and make the keys again.") from error
    if not found:
        todo = "Make one: uv run --group serve python -m service key add NAME. It prints the key, this once."
        raise UsageError("There is no API key that anybody could call it with", where=str(place), todo=todo)
    return dict(found)


def _release(image: Image) -> Release:
    identity = image.identity
    rows = image.proof.ways[0].rows if image.proof else 0
    words = f"{identity.commit[:7]}-{image.id.removeprefix('sha256:')[:7]}"
    where = image.pinned or image.id
    return Release(words, slug(identity.name), identity.commit, identity.data, identity.model, identity.lock, where, image.level.value, rows)


def _earlier(state: State, to: str, name: str) -> Placed:
    """The one that is asked for, else the one that served before."""
    kept = [each for each in state.placed if each.number != state.current]
    found = [each for each in kept if each.release.id.startswith(to)] if to else kept
    if not found:
        there = ", ".join(dict.fromkeys(each.release.id for each in kept)) or "none"
        raise UsageError(f"There is no release {to} to go back to" if to else "There is no release to go back to", where=name, todo=f"It keeps: {there}.")
    return found[-1]


def _answers(site: Site, serving: Placed) -> bool:
    """Whether callers get an answer, and from its container."""
    runs = site.host.run(engines.is_running(site.engine, serving.container)).output.strip() == "true"
    return runs and site.way.is_ready()


@contextmanager
def _audited(site: Site, act: str, release: Release) -> Iterator[None]:
    """One line of evidence/releases.jsonl, whatever comes of it."""
    try:
        yield
    except FerrataError as error:
        _audit(site, "refused", release, error.what)
        raise
    _audit(site, act, release, "")


def _audit(site: Site, act: str, release: Release, why: str) -> None:
    serving = site.state.serving
    append_line(site.project / FILE, line(_now(), site.target.name, act, release, serving.release.id if serving else "", why))


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
