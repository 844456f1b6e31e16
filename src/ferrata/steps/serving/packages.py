"""What the service needs beside the author's packages: the dependency group `serve` of the project."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from ferrata.records.signature import Signature

GROUP = "serve"
_ALWAYS = ("fastapi>=0.110", "uvicorn>=0.29", "httptools>=0.6", "orjson>=3.9", "uvloop>=0.19; sys_platform != 'win32'")
_FOR_IMAGES = ("pillow>=9", "python-multipart>=0.0.9")
# What these need in turn. A project that is held at an older date takes them of today: a server is no part of what was proved.
UNDATED = (
    "annotated-doc", "annotated-types", "anyio", "click", "fastapi", "h11", "httptools", "idna", "orjson", "pydantic", "pydantic-core", "python-multipart",
    "sniffio", "starlette", "typing-extensions", "typing-inspection", "uvicorn", "uvloop",
)  # fmt: skip


def requirements(signature: Signature) -> tuple[str, ...]:
    return (*_ALWAYS, *_FOR_IMAGES) if signature["kind"] == "image" else _ALWAYS


def lacking(project: Path, signature: Signature) -> tuple[str, ...]:
    """The requirements that the project's group does not name yet; a version that the project chose itself is left alone."""
    group = _manifest(project).get("dependency-groups", {}).get(GROUP, [])
    named = {_name(each) for each in group if isinstance(each, str)}
    return tuple(each for each in requirements(signature) if _name(each) not in named)


def undated(project: Path) -> str:
    """pyproject.toml with today's server packages, where it takes only packages from before a date; else ""."""
    settings = _manifest(project).get("tool", {}).get("uv", {})
    free = settings.get("exclude-newer-package", {})
    more = [name for name in UNDATED if name not in free]
    if "exclude-newer" not in settings or not more:
        return ""
    text = (project / "pyproject.toml").read_text(encoding="utf-8")
    if not free:
        line = f"exclude-newer-package = {{ {_free(more)} }}"
        return re.sub(r"^(exclude-newer = .*)$", lambda found: f"{found[1]}\n{line}", text, count=1, flags=re.MULTILINE)
    there = re.compile(r"^(exclude-newer-package = \{.*?),?\s*\}", re.MULTILINE)
    return there.sub(lambda found: f"{found[1]}, {_free(more)} }}", text, count=1) if there.search(text) else ""


def _free(names: list[str]) -> str:
    return ", ".join(f"{name} = false" for name in names)


def _manifest(project: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return {}


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""
