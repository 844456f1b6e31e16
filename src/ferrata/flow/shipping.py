"""Ship: image → proof → target → new release beside the old one → proof there → switch → drain → evidence. And back, and away."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ferrata.errors import FerrataError, UsageError
from ferrata.flow import cluster_shipping
from ferrata.flow.releases import (
    audit,
    audited,
    earlier,
    image_for,
    keys_of,
    now,
    release_of,
    target_of,
    targets_of,
    unbuilt,
)
from ferrata.flow.rollout import Rolling
from ferrata.flow.serving import project_of_service
from ferrata.flow.ways import LocalWay, ServerWay, Way
from ferrata.pages.shipping import down_page, plan_page, shipped_page, status_page
from ferrata.programs import engines
from ferrata.programs.engines import Engine
from ferrata.records.page import Page
from ferrata.records.service import ProofRow
from ferrata.records.shipping import Placed, Release, Run, Shipped, State, Target
from ferrata.records.signature import PROOF_ROWS, Signature
from ferrata.steps.imaging.engine import choose
from ferrata.steps.imaging.settings import read_settings
from ferrata.steps.serving.replay import rows_of
from ferrata.steps.shipping import local, machine, server
from ferrata.steps.shipping.hosts import Host, host_of
from ferrata.steps.shipping.machine import Machine
from ferrata.steps.shipping.states import from_text
from ferrata.steps.shipping.targets import slug
from ferrata.steps.signature import read_signature
from ferrata.world.disk import project_disk_errors
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
    target = target_of(project, name)
    if target.kind == "kubernetes":
        return cluster_shipping.ship(project, target, builder, reporter)
    keys = keys_of(project)
    with _site(project, target, builder) as site:
        _ask_to_install(site, is_yes, reporter)
    image = image_for(project, target, builder, reporter)
    began = time.monotonic()
    with _site(project, target, builder) as site, site.host.alone(), audited(project, target, "shipped", release_of(image), site.state):
        site = replace(_recovered(site, reporter), machine=replace(site.machine, fetched=site.way.fetched(image, choose(builder))))
        release = release_of(image)
        serving = site.state.serving
        if serving and serving.release == release and serving.keys == machine.keys_hash(keys) and _answers(site, serving):
            return shipped_page(Shipped(target, "unchanged", project, serving, None, site.address))
        return shipped_page(_rolled(site, release, keys, (project / PROOF_ROWS).read_text(encoding="utf-8"), "shipped", began, reporter))


def rollback(name: str, to: str, reporter: Reporter, *, builder: str = "", folder: Path | None = None) -> Page:
    """An earlier release serves again, proved by its own rows. UsageError where there is none of that name."""
    project = project_of_service(folder or Path.cwd())
    target = target_of(project, name)
    if target.kind == "kubernetes":
        return cluster_shipping.rollback(project, target, to, reporter)
    began = time.monotonic()
    with _site(project, target, builder) as site, site.host.alone():
        site = _recovered(site, reporter)
        before = earlier(site.state, to, name)
        rows = site.host.read(machine.rows_place(target, before.release))
        with audited(project, target, "rolled-back", before.release, site.state):
            return shipped_page(_rolled(site, before.release, keys_of(project), rows, "rolled-back", began, reporter))


def plan(name: str, *, builder: str = "", folder: Path | None = None) -> Page:
    """Every command that `ship` would run at the target and every file that it would write there; nothing is built or changed."""
    project = project_of_service(folder or Path.cwd())
    target = target_of(project, name)
    if target.kind == "kubernetes":
        return cluster_shipping.plan(project, target)
    with _site(project, target, builder) as site:
        image = unbuilt(project, target)
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
    for target in targets_of(project).values():
        try:
            if target.kind == "kubernetes":
                found.append(cluster_shipping.standing(project, target))
                continue
            if target.kind == "local" and not Path(machine.state_place(target)).is_file():
                found.append((target, State(), local.address(target), False, ""))
                continue
            with _site(project, target, "") as site:
                serving = site.state.serving
                found.append((target, site.state, site.address, serving is not None and _answers(site, serving), ""))
        except FerrataError as error:
            found.append((target, State(), "", False, error.what))
    return status_page(project, found)


def down(name: str, reporter: Reporter, *, builder: str = "", folder: Path | None = None) -> Page:
    """Nothing of the target is left on its machine; what is left elsewhere is said."""
    project = project_of_service(folder or Path.cwd())
    target = target_of(project, name)
    if target.kind == "kubernetes":
        return cluster_shipping.down(project, target, reporter)
    with _site(project, target, builder) as site, site.host.alone():
        serving = site.state.serving
        reporter.step(f"Remove {target.name}")
        rolling = _rolling(site, (), "", reporter)
        rolling.perform(machine.ended(site.machine, site.state))
        site.host.removed()
        reporter.done("")
        if serving:
            audit(project, target, "down", serving.release, site.state)
    return down_page(Shipped(target, "down", project, serving, None, site.address), read_settings(project).repository)


def _rolled(site: Site, release: Release, keys: dict[str, str], rows: str, act: str, began: float, reporter: Reporter) -> Shipped:
    key = secrets.token_urlsafe(32)
    new = machine.placed(site.state, release, port=site.host.free_port(), keys=keys, now=now())
    known = {**keys, "proof": hashlib.sha256(key.encode()).hexdigest()}
    rolling = _rolling(site, rows_of(site.project, rows), key, reporter)
    reporter.step(f"Start {release.id} beside what serves")
    notes = (*rolling.roll(machine.rollout(site.machine, site.state, new, keys=known, rows=rows)), *site.way.told(site.project))
    return Shipped(site.target, act, site.project, new, site.state.serving, site.address, rolling.switched - began, notes, proof=rolling.proof)


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
    """The state as it is now that nobody else works there, and what a killed command left undone."""
    place = machine.state_place(site.target)
    acts, state = machine.recovered(site.machine, from_text(site.host.read(place), place))
    if acts:
        reporter.step("Undo what was begun and not finished")
        _rolling(site, (), "", reporter).perform(acts)
        reporter.done("")
    return replace(site, state=state)


@contextmanager
def _site(project: Path, target: Target, builder: str) -> Iterator[Site]:
    signature = read_signature(project)
    with project_disk_errors(project), scratch("ferrata-ship-", away_from=project) as folder, ExitStack() as stack:
        host = stack.enter_context(closing(host_of(target, folder / "ssh")))
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


def _answers(site: Site, serving: Placed) -> bool:
    """Whether callers get an answer, and from its container."""
    runs = site.host.run(engines.is_running(site.engine, serving.container)).output.strip() == "true"
    return runs and site.way.is_ready()


