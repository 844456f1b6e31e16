"""What uv said when it could not resolve or install, in one sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ferrata.records.environment import Requirement
from ferrata.steps.settle.distributions import canonical


@dataclass(frozen=True)
class Refusal:
    """`sentence` is uv's own core statement; `distribution` the one it is about ("" when unclear).

    `kind`: `missing` (not on the index), `build` (had to be built and could not), `platform` (only another system's part fails), `network`, `conflict`.
    """

    sentence: str
    distribution: str
    kind: str


def read(error: str, requirements: tuple[Requirement, ...]) -> Refusal:
    """uv's standard error as a Refusal."""
    text = _core(error)
    direct = [canonical(re.split(r"[\s;<>=!~\[@]", one.specifier)[0]) for one in requirements]
    absent = re.search(r"(?:[Bb]ecause|and) ([\w.-]+) was not found in the (?:package registry|provided)", text)
    built = re.search(r"[Ff]ailed to (?:build|download and build) `([\w.-]+?)(?:==|@|`)", error)
    if absent:
        return Refusal(_sentence(text), canonical(absent[1]), "missing")
    if built:
        return Refusal(f"{built[1]} has to be built from source and that failed", canonical(built[1]), "build")
    if re.search(r"error sending request|dns error|Could not connect|timed out|Failed to fetch", error):
        return Refusal(_sentence(text) or "The package index did not answer", "", "network")
    wanted = re.search(r"your project depends on ([\w.-]+)", text)
    named = [name for name in direct if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", _canonical_text(text))]
    mentioned = canonical(wanted[1]) if wanted and canonical(wanted[1]) in direct else next(iter(named), "")
    return Refusal(_sentence(text), mentioned, "platform" if re.search(r"\(markers?: |for split|sys_platform|win32|darwin", error) else "conflict")


def _canonical_text(text: str) -> str:
    return re.sub(r"[_.](?=[a-z])", "-", text.lower())


def _core(error: str) -> str:
    """The resolver's derivation without its drawing and advice."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", error)
    found = re.search(r"╰─▶\s*(.*?)(?:\n\s*\n|\n\s*hint:|\Z)", text, re.DOTALL)
    noise = ("Using ", "warning:", "Resolved", "Creating")
    lines = [line.strip(" │├╰─▶×") for line in (found[1] if found else text).splitlines() if not line.startswith(noise)]
    return re.sub(r"\s+", " ", " ".join(lines)).strip()


def _sentence(text: str) -> str:
    """The conclusion of the derivation is always "your requirements are unsatisfiable"; what stands before it is the reason."""
    reason = re.split(r",? we can conclude that|\. And because|, and because", text)[0].strip().rstrip(".,")
    reason = re.sub(r"^Because ", "", reason)
    reason = reason[:1].upper() + reason[1:]
    return reason if len(reason) <= 300 else reason[:297].rsplit(" ", 1)[0] + " …"
