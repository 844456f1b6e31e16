"""Which packages can be moved to the other side's versions without others, by what the metadata of the installed versions of both sides asks for."""

from __future__ import annotations

import email.parser
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


@dataclass(frozen=True)
class Installed:
    """A distribution as it lies in an environment: what it asks for there, the top-level modules that it brings, whether it holds machine code."""

    version: str
    asks: tuple[Requirement, ...] = ()
    modules: frozenset[str] = frozenset()
    is_compiled: bool = False


def installed_in(environment: Path, markers: Mapping[str, str]) -> dict[str, Installed]:
    """By normalised name; `markers` are what environment markers are evaluated with."""
    found: dict[str, Installed] = {}
    for folder in sorted(environment.glob("lib/python3*/site-packages/*.dist-info")):
        if (folder / "METADATA").is_file():
            said = email.parser.HeaderParser().parsestr((folder / "METADATA").read_text(encoding="utf-8", errors="replace"))
            asks = tuple(_asked(said.get_all("Requires-Dist") or [], markers))
            found[canonicalize_name(str(said["Name"]))] = Installed(str(said["Version"]), asks, _modules(folder / "RECORD"), _is_compiled(folder / "WHEEL"))
    return found


def _is_compiled(wheel: Path) -> bool:
    return wheel.is_file() and "root-is-purelib: false" in wheel.read_text(encoding="utf-8", errors="replace").lower()


def _asked(lines: list[str], markers: Mapping[str, str]) -> Iterator[Requirement]:
    for line in lines:
        try:
            asked = Requirement(line)
        except InvalidRequirement:
            continue
        if asked.marker is None or asked.marker.evaluate({**markers, "extra": ""}):
            yield asked


def _modules(record: Path) -> frozenset[str]:
    if not record.is_file():
        return frozenset()
    tops = (line.partition(",")[0].partition("/")[0] for line in record.read_text(encoding="utf-8", errors="replace").splitlines())
    return frozenset(top.partition(".")[0] for top in tops if top and not top.endswith((".dist-info", ".data", ".libs", ".pth")) and top != "..")


@dataclass(frozen=True)
class Versions:
    """Both sides' packages. A set of names says which are moved from here to there; it is sound where every package finds what it asks for."""

    here: Mapping[str, Installed]
    there: Mapping[str, Installed]

    def closed(self, moved: frozenset[str], among: frozenset[str]) -> frozenset[str]:
        """The smallest sound set with these, of `among`."""
        while True:
            more = frozenset(name for pair in self._torn(moved) for name in pair if name in among) - moved
            if not more:
                return moved
            moved |= more

    def opened(self, moved: frozenset[str]) -> frozenset[str]:
        """The largest sound set within these."""
        while True:
            less = frozenset(name for pair in self._torn(moved) for name in pair) & moved
            if not less:
                return moved
            moved -= less

    def needs(self, moved: frozenset[str], among: frozenset[str]) -> frozenset[str]:
        """What these ask for, and what they ask for on the other side."""
        packages = [side[name] for name in moved for side in (self.here, self.there) if name in side]
        return frozenset(str(canonicalize_name(asked.name)) for package in packages for asked in package.asks) & among

    def _torn(self, moved: frozenset[str]) -> Iterator[tuple[str, str]]:
        """(who asks, for what) where one of the two is moved, the other is not, and they do not fit."""
        chosen = {name: side[name] for name in {**self.here, **self.there} if name in (side := self.there if name in moved else self.here)}
        for name, package in chosen.items():
            for asked in package.asks:
                other = str(canonicalize_name(asked.name))
                if (name in moved) != (other in moved) and (not _fits(asked, chosen.get(other)) or self._is_other_interface(package, other)):
                    yield name, other

    def _is_other_interface(self, package: Installed, other: str) -> bool:
        """Machine code that was built on machine code of another major version seldom runs, and its metadata seldom says so."""
        pair = [side[other] for side in (self.here, self.there) if other in side]
        return package.is_compiled and len(pair) == 2 and all(each.is_compiled for each in pair) and len({_major(each.version) for each in pair}) > 1


def _major(version: str) -> str:
    return version.partition(".")[0]


def _fits(asked: Requirement, found: Installed | None) -> bool:
    if found is None:
        return False
    try:
        return asked.specifier.contains(Version(found.version), prereleases=True)
    except InvalidVersion:
        return True


def middle(older: str, newer: str) -> str:
    """The end of the lower half of the minor versions between two of one major version, as in 1.6 for 1.2.2 and 1.9.0; "" where there is none between."""
    low, high = Version(older), Version(newer)
    if low.major != high.major or high.minor - low.minor < 2:
        return ""
    return f"{low.major}.{(low.minor + high.minor) // 2 + 1}"


def named_in(text: str, names: Mapping[str, str]) -> frozenset[str]:
    """Which of these packages ({name: version}) a message of uv blames: named with their version; otherwise any that it names."""
    lower = re.sub(r"[_.](?=[a-z])", "-", text.lower())
    exactly = frozenset(name for name, version in names.items() if re.search(rf"(?<![\w-]){re.escape(name)}==?v?{re.escape(version.lower())}(?![\w.])", lower))
    return exactly or frozenset(name for name in names if re.search(rf"[`\s]{re.escape(name)}[`\s=]", lower))
