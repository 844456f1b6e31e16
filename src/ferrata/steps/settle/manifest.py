"""The pyproject.toml of a settled environment: the same file becomes the project's own, so that its lock stays valid there."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ferrata.records.environment import EnvironmentSpec

PLATFORMS = {"linux": "sys_platform == 'linux'", "darwin": "sys_platform == 'darwin'", "win32": "sys_platform == 'win32'"}


def manifest(spec: EnvironmentSpec, *, platforms: Iterable[str] = PLATFORMS) -> str:
    """TOML text. `platforms` are the systems that the lock must hold for."""
    minor = spec.python_version.split(".")[:2]
    parts = [
        "[project]",
        f"name = {_quoted(spec.project)}",
        'version = "0.1.0"',
        # The proof holds for this Python; another minor version is another experiment.
        f'requires-python = ">={minor[0]}.{minor[1]},<{minor[0]}.{int(minor[1]) + 1}"',
        _array("dependencies", [one.specifier for one in spec.requirements]),
        "",
        "[tool.uv]",
        "package = false",
        _array("environments", [PLATFORMS[platform] for platform in platforms]),
    ]
    if spec.exclude_newer:
        parts.append(f"exclude-newer = {_quoted(spec.exclude_newer)}")
    if spec.constraints:
        parts.append(_array("constraint-dependencies", spec.constraints))
    if spec.undated and spec.exclude_newer:
        parts.append(f"exclude-newer-package = {{ {', '.join(f'{name} = false' for name in spec.undated)} }}")
    for index in spec.indexes:
        parts += ["", "[[tool.uv.index]]", f"name = {_quoted(index.name)}", f"url = {_quoted(index.url)}", "explicit = true"]
    if spec.indexes:
        parts += ["", "[tool.uv.sources]"]
        marker = _quoted(PLATFORMS["linux"])
        parts += [f"{name} = [{{ index = {_quoted(index.name)}, marker = {marker} }}]" for index in spec.indexes for name in index.packages]
    return "\n".join(parts) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _array(key: str, items: Iterable[str]) -> str:
    lines = [f"    {_quoted(item)}," for item in items]
    return "\n".join([f"{key} = [", *lines, "]"]) if lines else f"{key} = []"
