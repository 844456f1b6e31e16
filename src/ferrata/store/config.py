"""`.dvc/config` and the files above and beside it: where the cache is, how files are linked, which remotes there are.

Read in DVC's order, each over the one before: the system's, the user's, `.dvc/config` (in Git), `.dvc/config.local` (never in Git).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.store.drafts import write_text
from ferrata.store.ini import Values, parse, with_value

LINKS = ("reflink", "hardlink", "symlink", "copy")
_PATHS = frozenset({"url", "credentialpath", "configpath", "keyfile", "cert_path", "key_path"})
_CORE = frozenset(
    "remote checksum_jobs interactive analytics hardlink_lock no_scm autostage experiments check_update site_cache_dir machine".split()
)
_CACHE = frozenset({"dir", "type", "shared", "protected", "slow_link_warning", "verify"})
_TRUE = {"true": True, "false": False}


@dataclass(frozen=True)
class RemoteConfig:
    """A remote as the files describe it; `url` is absolute where it is a folder."""

    name: str
    url: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CacheConfig:
    folder: Path
    links: tuple[str, ...] = ("reflink", "copy")
    is_shared: bool = False
    threads: int = 0


@dataclass(frozen=True)
class Config:
    """Settings by section, merged; `remotes` in the order of the files. `root` is the folder with `.dvc` in it."""

    root: Path
    core: Mapping[str, str] = field(default_factory=dict)
    cache: CacheConfig = CacheConfig(Path())
    remotes: Mapping[str, RemoteConfig] = field(default_factory=dict)

    def flag(self, name: str) -> bool:
        text = self.core.get(name, "false").lower()
        if text not in _TRUE:
            raise ProjectError(f"core.{name} is {text!r}", where=_place(self.root), todo="Set it to true or false.")
        return _TRUE[text]

    def remote(self, name: str = "") -> RemoteConfig:
        """The remote of this name, or the default one; ProjectError when there is none."""
        wanted = name or self.core.get("remote", "").lower() or (next(iter(self.remotes)) if len(self.remotes) == 1 else "")
        if not wanted:
            many = f"Say which: {', '.join(self.remotes)}." if self.remotes else "Add one: ferrata remote add URL."
            raise ProjectError("There is no default remote", where=_place(self.root), todo=many)
        if wanted not in self.remotes:
            known = f"There {'are' if len(self.remotes) > 1 else 'is'} {', '.join(self.remotes)}." if self.remotes else "Add it: ferrata remote add URL."
            raise ProjectError(f"There is no remote {wanted!r}", where=_place(self.root), todo=known)
        return self.remotes[wanted]


def read_config(root: Path, *, files: Iterable[Path] | None = None) -> Config:
    """ProjectError for a file that cannot be read, or a setting of the cache that is not known. `files` are all that are read, if given."""
    merged: dict[str, Values] = {}
    for file in config_files(root) if files is None else files:
        for section, values in _read(file).items():
            merged.setdefault(section, {}).update(values)
    core = _texts(merged.get("core", {}))
    _refuse_unknown("core", core, _CORE, root)
    return Config(root, core, _cache(root, merged.get("cache", {}), core), _remotes(merged))


def config_files(root: Path) -> tuple[Path, ...]:
    return (_system() / "config", _user() / "config", root / ".dvc" / "config", root / ".dvc" / "config.local")


def set_value(file: Path, section: str, name: str, value: str, *, is_private: bool = False) -> None:
    """Set one value in one file; ProjectError for a value that the format cannot hold."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    try:
        write_text(file, with_value(text, section, name, value), mode=0o600 if is_private else None)
    except ValueError as error:
        raise ProjectError(str(error), where=str(file), todo="Choose another value.") from error


def _system() -> Path:
    default = "/Library/Application Support/dvc" if sys.platform == "darwin" else "/etc/xdg/dvc"
    first = os.environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep)[0]
    return Path(os.environ.get("DVC_SYSTEM_CONFIG_DIR") or (f"{first}/dvc" if first else default))


def _user() -> Path:
    home = Path(os.environ.get("HOME") or "/")
    default = home / "Library" / "Application Support" if sys.platform == "darwin" else home / ".config"
    base = Path(os.environ["XDG_CONFIG_HOME"]) if os.environ.get("XDG_CONFIG_HOME", "").strip() else default
    return Path(os.environ.get("DVC_GLOBAL_CONFIG_DIR") or base / "dvc")


def _read(file: Path) -> dict[str, Values]:
    try:
        sections = parse(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except ValueError as error:
        raise ProjectError("A settings file cannot be read", where=f"{file}, {error}", todo="Correct the line.") from error
    return {section: {name: _resolved(file, section, name, value) for name, value in values.items()} for section, values in sections.items()}


def _resolved(file: Path, section: str, name: str, value: str | list[str]) -> str | list[str]:
    is_path = (section == "cache" and name == "dir") or (section.startswith("remote") and name in _PATHS)
    if not is_path or not isinstance(value, str) or re.match(r"\w+://", value):
        return value
    return os.path.abspath(os.path.join(file.parent, os.path.expanduser(value)))


def _texts(values: Values) -> dict[str, str]:
    return {name: value if isinstance(value, str) else ",".join(value) for name, value in values.items()}


def _cache(root: Path, values: Values, core: Mapping[str, str]) -> CacheConfig:
    texts = _texts(values)
    _refuse_unknown("cache", texts, _CACHE, root)
    links = tuple(part.strip() for part in texts["type"].split(",")) if "type" in texts else CacheConfig.links
    if wrong := [link for link in links if link not in LINKS]:
        raise ProjectError(f"cache.type has {', '.join(wrong)}", where=_place(root), todo=f"Choose of {', '.join(LINKS)}.")
    if texts.get("shared", "group").lower() != "group":
        raise ProjectError(f"cache.shared is {texts['shared']!r}", where=_place(root), todo="Set it to group, or remove it.")
    folder = Path(texts.get("dir") or os.path.abspath(root / ".dvc" / "cache"))
    if re.match(r"\w+://", str(texts.get("dir", ""))):
        raise ProjectError("cache.dir is no folder", where=_place(root), todo="Only a folder can be a cache.")
    return CacheConfig(folder, links, "shared" in texts, _number("core.checksum_jobs", core.get("checksum_jobs", "0"), root))


def _number(name: str, text: str, root: Path) -> int:
    if not text.isdecimal():
        raise ProjectError(f"{name} is {text!r}", where=_place(root), todo="Set it to a number.")
    return int(text)


def _remotes(merged: Mapping[str, Values]) -> dict[str, RemoteConfig]:
    remotes = {}
    for section, values in merged.items():
        if named := re.match(r'^remote\s*"(.*)"$', section):
            options = _texts(values)
            remotes[named[1]] = RemoteConfig(named[1], options.pop("url", ""), options)
    return remotes


def _refuse_unknown(section: str, values: Mapping[str, str], known: frozenset[str], root: Path) -> None:
    if unknown := sorted(set(values) - known):
        names = ", ".join(f"{section}.{name}" for name in unknown)
        raise ProjectError(f"Ferrata does not know the setting {names}", where=_place(root), todo="Remove it, or use DVC here.")


def _place(root: Path) -> str:
    return str(root / ".dvc" / "config")
