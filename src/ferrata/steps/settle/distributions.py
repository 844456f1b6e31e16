"""Which distribution brings an imported module. The knowledge is data: `distributions.toml`."""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

LINUX = "sys_platform == 'linux' and platform_machine == 'x86_64'"
NOT_LINUX = "sys_platform != 'linux' or platform_machine != 'x86_64'"


@dataclass(frozen=True)
class Distributions:
    """`distributions.toml`, read. Every lookup answers None for what it does not know."""

    modules: dict[str, str]
    submodules: dict[str, str]
    renamed: dict[str, str]
    companions: dict[str, list[str]]
    calls: dict[str, list[str]]
    suffixes: dict[str, list[str]]
    gone: dict[str, str]
    alternatives: dict[str, list[str]]
    wheels: dict[str, list[str]] = field(default_factory=dict)
    cpu: dict[str, dict[str, str]] = field(default_factory=dict)
    successors: dict[str, dict[str, str]] = field(default_factory=dict)

    def find(self, module: str, date: str = "") -> str | None:
        """The distribution of a dotted module; `date` (ISO, "" for today) decides between a project's old and new name."""
        top = module.partition(".")[0]
        successor = next((self.successors[name] for name in _prefixes(module) if name in self.successors), None)
        if successor:
            return successor["before"] if date and date < successor["since"] else successor["distribution"]
        if any(name in self.gone for name in _prefixes(module)):
            return None
        return next((self.submodules[name] for name in _prefixes(module) if name in self.submodules), self.modules.get(top))

    def reason_gone(self, module: str) -> str:
        """Why no distribution can be had, "" when nothing is known."""
        return next((self.gone[name] for name in _prefixes(module) if name in self.gone), "")

    def meant(self, distribution: str) -> str:
        """The distribution that the author means by a name in a requirements file."""
        names = {canonical(old): new for old, new in self.renamed.items()}
        return names.get(canonical(distribution), distribution)

    def providers(self, module: str, date: str = "") -> frozenset[str]:
        """Canonical names of every distribution that brings this module."""
        top = module.partition(".")[0]
        found = self.find(module, date)
        return frozenset(canonical(name) for name in [*self.alternatives.get(top, []), *([found] if found else [])])

    def lines(self, distribution: str, date: str = "", *, has_gpu: bool) -> list[str]:
        """PEP 508 lines: a CPU build with markers where this machine has no graphics card and such a build exists at `date`."""
        cpu = self.cpu.get(distribution)
        if cpu is None or has_gpu or (date and date < cpu["since"]):
            return [distribution]
        return [f"{cpu['distribution']} ; {LINUX}", f"{distribution} ; {NOT_LINUX}"]


def canonical(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def has_gpu() -> bool:
    return shutil.which("nvidia-smi") is not None


@cache
def known() -> Distributions:
    text = (Path(__file__).parent / "distributions.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    return Distributions(**data)


def _prefixes(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
