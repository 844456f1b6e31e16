"""What every kind of target shares: the targets of a project, the keys, the image, the release that it is, and the line of evidence."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ferrata.errors import FerrataError, ProjectError, ReleaseRefused, UsageError
from ferrata.flow import imaging
from ferrata.records.image import Identity, Image, ImageRequest
from ferrata.records.shipping import Placed, Release, State, Target
from ferrata.steps.imaging.settings import read_settings, table
from ferrata.steps.shipping.audit import FILE, line
from ferrata.steps.shipping.targets import chosen, slug, targets
from ferrata.steps.signature import read_signature
from ferrata.world.disk import append_line
from ferrata.world.reporter import Reporter


def targets_of(project: Path) -> dict[str, Target]:
    return targets(project, table(project, "ship"), read_signature(project)["name"])


def target_of(project: Path, name: str) -> Target:
    return chosen(targets_of(project), name)


def keys_of(project: Path) -> dict[str, str]:
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


def image_for(project: Path, target: Target, builder: str, reporter: Reporter) -> Image:
    """Built, proved, and pushed where the project has a registry and the target is another machine."""
    request = ImageRequest(builder or (target.engine if target.kind == "local" else ""))
    is_pushed = target.kind != "local" and bool(read_settings(project).repository)
    image = imaging.pushed(project, request, reporter) if is_pushed else imaging.proved(project, request, reporter, must_be_committed=True)
    if not image.is_proved:
        raise ReleaseRefused(f"{image.reference} does not give the notebook's answers", where=str(project), todo="See which: ferrata image build.")
    return image


def unbuilt(project: Path, target: Target) -> Image:
    """Stands for the image in a plan."""
    repository = read_settings(project).repository if target.kind != "local" else ""
    nothing = Identity("", "", 0, (), "", "", "")
    return Image("IMAGE", "IMAGE", 0, "", "", "", nothing, repository=repository, digest="DIGEST" if repository else "")


def release_of(image: Image) -> Release:
    identity = image.identity
    rows = image.proof.ways[0].rows if image.proof else 0
    words = f"{identity.commit[:7]}-{image.id.removeprefix('sha256:')[:7]}"
    where = image.pinned or image.id
    return Release(words, slug(identity.name), identity.commit, identity.data, identity.model, identity.lock, where, image.level.value, rows)


def earlier(state: State, to: str, name: str) -> Placed:
    """The one that is asked for, else the one that served before."""
    kept = [each for each in state.placed if each.number != state.current]
    found = [each for each in kept if each.release.id.startswith(to)] if to else kept
    if not found:
        there = ", ".join(dict.fromkeys(each.release.id for each in kept)) or "none"
        raise UsageError(f"There is no release {to} to go back to" if to else "There is no release to go back to", where=name, todo=f"It keeps: {there}.")
    return found[-1]


@contextmanager
def audited(project: Path, target: Target, act: str, release: Release, state: State) -> Iterator[None]:
    """One line of evidence/releases.jsonl, whatever comes of it."""
    try:
        yield
    except FerrataError as error:
        audit(project, target, "refused", release, state, error.what)
        raise
    audit(project, target, act, release, state)


def audit(project: Path, target: Target, act: str, release: Release, state: State, why: str = "") -> None:
    """`state` is what stood there before."""
    serving = state.serving
    append_line(project / FILE, line(now(), target.name, act, release, serving.release.id if serving else "", why))


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
