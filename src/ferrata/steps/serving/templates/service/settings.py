"""What can be set from outside, each by a variable SERVICE_… of the environment, and the API keys."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Settings:
    """Sizes in bytes, times in seconds. Each field is read from SERVICE_ and its name in capitals: SERVICE_BODY_BYTES=2000000."""

    host: str = "127.0.0.1"
    port: int = 8000
    keys: str = str(ROOT / "service" / "keys.json")  # the file of hashed API keys
    origins: str = ""  # the web sites that may call from a browser: https://a.example,https://b.example
    hosts: str = ""  # on loopback without a key, host names to answer to besides loopback's own
    body_bytes: int = 0  # the largest body of a request; 0 for 4 MB, of images 20 MB
    held_bytes: int = 128_000_000  # of all bodies together
    rows: int = 2_000  # the most rows in one request
    pixels: int = 40_000_000  # the largest image, once unpacked
    requests: int = 512  # predictions that wait or are made at once; more are told to come back
    connections: int = 1_024
    rate: float = 100.0  # requests a second of one key or address; 0 for no limit
    burst: int = 200  # how many of them may come at once
    header_seconds: float = 10.0
    body_seconds: float = 20.0
    answer_seconds: float = 60.0
    shutdown_seconds: float = 30.0  # what is being answered may take this long once the service was asked to end
    grouping: str = "auto"  # one predict call for requests that wait together: auto (where proved equal), on, off
    fast: str = "auto"  # scikit-learn's arithmetic without what stands around it: auto (where it changes no answer, see fast.py), off

    def for_kind(self, kind: str) -> Settings:
        """With the size of bodies that suits what is sent."""
        return dataclasses.replace(self, body_bytes=self.body_bytes or (20_000_000 if kind == "image" else 4_000_000))

    @property
    def is_on_loopback(self) -> bool:
        return self.host in LOOPBACK


def read_settings(environ=os.environ) -> Settings:
    """ValueError for a variable that cannot be read, with its name."""
    found = {}
    for field in dataclasses.fields(Settings):
        name = f"SERVICE_{field.name.upper()}"
        if name in environ:
            try:
                found[field.name] = type(field.default)(environ[name])
            except ValueError:
                raise ValueError(f"{name} is {environ[name]!r}, which is not a {type(field.default).__name__}") from None
    return Settings(**found)


def read_keys(file) -> dict:
    """{name: SHA-256 of its key}. A key has 256 random bits, so that a plain hash of it cannot be searched."""
    return json.loads(Path(file).read_text(encoding="utf-8")) if Path(file).exists() else {}


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def name_of_key(keys: dict, key: str) -> str:
    """Whose key it is; "" for nobody's. Every hash is compared, so that the time tells nothing."""
    given = hash_of(key)
    return next((name for name, known in [*keys.items()] if hmac.compare_digest(given, known)), "")


def add_key(file, name: str) -> str:
    """A new key, which is told this once; only its hash is kept."""
    key = secrets.token_urlsafe(32)
    _write(file, {**read_keys(file), name: hash_of(key)})
    return key


def remove_key(file, name: str) -> bool:
    keys = read_keys(file)
    is_known = keys.pop(name, None) is not None
    _write(file, keys)
    return is_known


def _write(file, keys: dict) -> None:
    """Whole or not at all, for this user's eyes only."""
    draft = Path(f"{file}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(keys, indent=2) + "\n")
    os.replace(draft, file)


def key_command(arguments) -> int:
    """`python -m service key add|remove NAME`, `python -m service key list`"""
    parser = argparse.ArgumentParser(prog="python -m service key")
    parser.add_argument("act", choices=("add", "remove", "list"))
    parser.add_argument("name", nargs="?", default="", help="who uses it: phone, website, a person")
    given = parser.parse_args(arguments)
    file = read_settings().keys
    if given.act != "list" and not given.name:
        parser.error(f"{given.act} needs a NAME")
    if given.act == "add":
        print(add_key(file, given.name))
    elif given.act == "remove" and not remove_key(file, given.name):
        parser.exit(1, f"there is no key of {given.name}\n")
    elif given.act == "list":
        print("\n".join(read_keys(file)) or "there is no key: whoever reaches the service may use it")
    return 0
