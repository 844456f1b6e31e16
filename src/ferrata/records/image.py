"""The image of a project's service: what was asked for, what goes in, what was built, and the proof of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferrata.records.proof import Level
from ferrata.records.service import ServiceProof


@dataclass(frozen=True)
class ImageSettings:
    """`[tool.ferrata.image]` of pyproject.toml. `base` is without a digest; `network` is the engine's; `is_with_rows`: the proof rows go in."""

    base: str
    repository: str = ""
    network: str = ""
    is_with_rows: bool = False


@dataclass(frozen=True)
class ImageRequest:
    """`builder` and `platform` are "" for what this machine has; `is_fresh_base` looks up the digest of the base anew."""

    builder: str = ""
    platform: str = ""
    is_fresh_base: bool = False
    port: int = 8000
    repository: str = ""


@dataclass(frozen=True)
class Needed:
    """What the service needs to answer: distributions of the lock, and files of the project beyond its own folders. `is_whole`: all packages, since the trial
    could not tell which."""

    packages: tuple[str, ...]
    reads: tuple[str, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True)
class Package:
    """One line of the requirements of an image; `hashes` as "sha256:…", `marker` says where it is installed."""

    name: str
    version: str
    hashes: tuple[str, ...] = ()
    marker: str = ""


@dataclass(frozen=True)
class Identity:
    """What an image is made of. `changed` are the paths that go in and are not as the commit has them; `seconds` is the commit's time (Unix)."""

    name: str
    commit: str
    seconds: int
    changed: tuple[str, ...]
    data: str
    model: str
    lock: str
    parts: dict[str, Any] = field(default_factory=dict)

    @property
    def revision(self) -> str:
        return f"{self.commit}+uncommitted" if self.changed else self.commit


@dataclass(frozen=True)
class Image:
    """`id` is the engine's digest of the image's configuration, `reference` its name there; `digest` is what a registry calls it, once it is pushed."""

    reference: str
    id: str
    size: int
    base: str
    engine: str
    platform: str
    identity: Identity
    packages: tuple[Package, ...] = ()
    proof: ServiceProof | None = None
    repository: str = ""
    digest: str = ""
    seconds: float = 0.0
    written: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        return self.proof.level if self.proof else Level.NOT_COMPARABLE

    @property
    def is_proved(self) -> bool:
        return self.level in (Level.IDENTICAL, Level.EQUAL)

    @property
    def pinned(self) -> str:
        """The one name that always means these bytes; "" before it is pushed."""
        return f"{self.repository}@{self.digest}" if self.digest else ""


@dataclass(frozen=True)
class RunningImage:
    """What `ferrata image run` shows; `key` is there when it was made for this run."""

    image: Image
    project: Path
    url: str
    key: str = ""
