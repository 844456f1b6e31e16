"""Ship to a cluster: the same story as for a machine, told with the objects of Kubernetes."""

from __future__ import annotations

import time
from pathlib import Path

from ferrata.errors import UsageError
from ferrata.flow.cluster import ClusterRollout, address, reached
from ferrata.flow.releases import audit, audited, earlier, image_for, keys_of, now, release_of
from ferrata.pages.shipping import cluster_plan_page, down_page, shipped_page
from ferrata.records.page import Page
from ferrata.records.shipping import Placed, Release, Shipped, State, Target
from ferrata.records.signature import PROOF_ROWS
from ferrata.steps.imaging.settings import read_settings
from ferrata.steps.serving.replay import rows_of
from ferrata.steps.shipping import manifests
from ferrata.steps.shipping.cluster import Cluster
from ferrata.steps.shipping.kustomize import files as kustomized
from ferrata.steps.shipping.machine import keys_hash, placed, rows_place
from ferrata.steps.signature import read_signature
from ferrata.world.disk import private_folder, write_whole
from ferrata.world.reporter import Reporter


def ship(project: Path, target: Target, builder: str, reporter: Reporter) -> Page:
    """UsageError without a registry that the cluster can pull from."""
    keys = keys_of(project)
    _need_repository(project, target)
    with reached(target) as cluster:  # before the image is made
        first = ClusterRollout(target, cluster, reporter, (), "")
        first.need_place()
        first.state()
    image = image_for(project, target, builder, reporter)
    release = release_of(image)
    text = (project / PROOF_ROWS).read_text(encoding="utf-8")
    with reached(target) as cluster:
        rollout = _rollout(project, target, cluster, text, reporter)
        state = rollout.recovered(rollout.state())
        serving = state.serving
        if serving and serving.release == release and serving.keys == keys_hash(keys) and rollout.is_ready():
            return shipped_page(Shipped(target, "unchanged", project, serving, None, rollout.address()))
        with audited(project, target, "shipped", release, state):
            return shipped_page(_rolled(project, rollout, state, release, keys, text, "shipped"))


def rollback(project: Path, target: Target, to: str, reporter: Reporter) -> Page:
    """UsageError where the rows that prove the earlier release are not on this machine."""
    with reached(target) as cluster:
        first = _rollout(project, target, cluster, "", reporter)
        state = first.recovered(first.state())
        before = earlier(state, to, target.name)
        text = _rows_of_release(project, target, before.release)
        rollout = _rollout(project, target, cluster, text, reporter)
        with audited(project, target, "rolled-back", before.release, state):
            return shipped_page(_rolled(project, rollout, state, before.release, keys_of(project), text, "rolled-back"))


def plan(project: Path, target: Target) -> Page:
    """Every object that `ship` would apply, in its order."""
    _need_repository(project, target)
    image = f"{read_settings(project).repository}@DIGEST"
    release = Release("NEW", target.model, "COMMIT", "", "MODEL", "", image, "", 0)
    new = Placed(release, 1, 8000, "")
    every = (manifests.keys_secret(target, target.model, 1, {"NAME": "HASH"}), *manifests.candidate(target, target.model, new))
    return cluster_plan_page(target, (*every, *manifests.objects(target, target.model, new)), sorted(kustomized(target, new)), address(target))


def standing(project: Path, target: Target) -> tuple[Target, State, str, bool, str]:
    with reached(target) as cluster:
        rollout = ClusterRollout(target, cluster, _Silent(), (), "")
        state = rollout.state()
        return target, state, rollout.address(), state.serving is not None and rollout.is_ready(), ""


def down(project: Path, target: Target, reporter: Reporter) -> Page:
    with reached(target) as cluster:
        rollout = ClusterRollout(target, cluster, reporter, (), "")
        state = rollout.state()
        called = rollout.address()
        reporter.step(f"Remove {target.name}")
        rollout.remove(state)
        reporter.done("")
    serving = state.serving
    if serving:
        audit(project, target, "down", serving.release, state)
    return down_page(Shipped(target, "down", project, serving, None, called), read_settings(project).repository)


def _rolled(project: Path, rollout: ClusterRollout, state: State, release: Release, keys: dict[str, str], rows: str, act: str) -> Shipped:
    began = time.monotonic()
    target = rollout.target
    new = placed(state, release, port=8000, keys=keys, now=now())
    place = Path(rows_place(target, release))
    private_folder(place.parent)
    write_whole(place, rows.encode())
    rollout.roll(state, new, keys)
    for path, text in kustomized(target, new).items():
        write_whole(project / path, text.encode())
    return Shipped(target, act, project, new, state.serving, rollout.address(), time.monotonic() - began, proof=rollout.proof)


def _rollout(project: Path, target: Target, cluster: Cluster, rows: str, reporter: Reporter) -> ClusterRollout:
    signature = read_signature(project)
    return ClusterRollout(target, cluster, reporter, rows_of(project, rows), signature["inputs"][0]["name"], signature["proof"].get("bound"))


def _rows_of_release(project: Path, target: Target, release: Release) -> str:
    place = Path(rows_place(target, release))
    if not place.is_file():
        todo = f"Ship it from where it was shipped, or its commit anew: git checkout {release.commit[:12]} && ferrata ship {target.name}."
        raise UsageError(f"The rows that prove {release.id} are not on this machine", where=str(place), todo=todo)
    return place.read_text(encoding="utf-8")


def _need_repository(project: Path, target: Target) -> None:
    if not read_settings(project).repository:
        todo = "Set it in pyproject.toml: [tool.ferrata.image] repository = \"registry.example.org/team/NAME\"."
        raise UsageError("A cluster pulls the image from a registry, and none is set", where=f"target {target.name}", todo=todo)


class _Silent:
    """Nothing is told."""

    def step(self, name: str) -> None: ...
    def detail(self, text: str) -> None: ...
    def done(self, text: str) -> None: ...
    def note(self, text: str) -> None: ...
    def close(self) -> None: ...

    def question(self, text: str, choices: object, default: str) -> str:
        return default
