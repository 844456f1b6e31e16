"""The pages of `ferrata image`: what was built, what is in it, and the proof that its answers are the notebook's."""

from __future__ import annotations

from typing import Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.pages.levels import level_style, level_words
from ferrata.pages.service import curl_of, proof_data
from ferrata.records.amount import elapsed
from ferrata.records.amount import memory as amount
from ferrata.records.image import Image, RunningImage
from ferrata.records.page import Code, Page, Section, Table, Text

_SUBJECT = "the answers of the image over HTTP, against the notebook's own predictions"


def built_page(image: Image) -> Page:
    """Status 1 where an answer differs."""
    changed = ", ".join(image.identity.changed[:6])
    blocks = (
        _facts(image), _proof(image),
        Text(f"Written: {', '.join(image.written)}. Commit them.", "faint") if image.written else None,
        Text(f"Not committed, though it is in the image: {changed}. It cannot be pushed like this.", "warn") if changed else None,
    )  # fmt: skip
    title = f"{image.reference} is built and proved" if image.is_proved else f"{image.reference} does not give the notebook's answers"
    return Page(title, tuple(block for block in blocks if block), image_data(image), _next(image), status=0 if image.is_proved else 1)


def pushed_page(image: Image) -> Page:
    blocks = (_facts(image), _proof(image), Section("By its digest, which always means these bytes", (Code(image.pinned),)))
    return Page(f"{image.identity.name} is pushed to {image.repository}", blocks, image_data(image))


def proof_page(image: Image) -> Page:
    """What evidence/ keeps."""
    return Page(f"The image of {image.identity.name}: {image.level.value}", (Text(f"{_SUBJECT}; rows: {_of(image)}.", "faint"), _facts(image), _proof(image)))


def running_page(running: RunningImage) -> Page:
    key = running.key or "YOUR-KEY"
    blocks = (
        Table(("", ""), (("try it", f"{running.url}/"), ("API", f"{running.url}/docs"))),
        Section("From a shell", (Code(curl_of(running.url, key, running.project), "sh"),)),
        Text("The key is for this run alone. Keys of your own: python -m service key add NAME." if running.key else "It asks for a key of service/keys.json."),
        Text("Ctrl-C ends it.", "faint"),
    )
    return Page(f"{running.image.reference} runs at {running.url}", blocks, {**image_data(running.image), "outcome": "serving", "url": running.url})


def image_data(image: Image) -> dict[str, Any]:
    identity = image.identity
    return {
        "schema_version": SCHEMA_VERSION, "outcome": "pushed" if image.digest else "proved" if image.is_proved else "different", "level": image.level,
        "subject": _SUBJECT, "of": _of(image), "reference": image.reference, "id": image.id, "repository": image.repository or None,
        "digest": image.digest or None, "size": image.size, "seconds": round(image.seconds, 1), "engine": image.engine, "platform": image.platform,
        "base": image.base, "packages": {each.name: each.version for each in image.packages},
        "release": {"commit": identity.revision, "data": identity.data, "model": identity.model, "lock": identity.lock},
        "uncommitted": list(identity.changed), "changed_files": list(image.written), "proof": proof_data(image.proof) if image.proof else None,
    }  # fmt: skip


def _facts(image: Image) -> Table:
    identity = image.identity
    made = f"{len(image.packages)} packages, built by {image.engine} in {elapsed(image.seconds)}"
    rows = (
        ("image", f"{image.id[7:19]}, {amount(image.size)}, {image.platform}, {made}"),
        ("commit", identity.revision[:12] + ("" if not identity.changed else " and what is not committed")),
        ("model", identity.model[:12]), ("data", identity.data[:12]), ("lock", identity.lock[:12]),
        ("base", image.base.partition("@")[0] + " " + image.base.partition("@")[2][:19]),
    )  # fmt: skip
    return Table(("", ""), rows)


def _proof(image: Image) -> Table:
    ways = image.proof.ways if image.proof else ()
    rows = tuple((way.name, str(way.rows), str(way.mismatches), level_words(way.level)) for way in ways)
    return Table(("asked", "rows", "mismatches", "verdict"), rows, styles=tuple(level_style(way.level) for way in ways))


def _of(image: Image) -> str:
    return image.proof.of if image.proof else ""


def _next(image: Image) -> str:
    if not image.is_proved:
        return "ferrata serve --prove"
    return f"git add {' '.join(image.written)} && git commit" if image.written else "ferrata image push"
