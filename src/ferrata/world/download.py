"""Fetch a file over the network."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from ferrata.errors import OutsideError

_CHUNK = 1 << 20
_PASS_IT = "pass the file with --data if you have it."


_SECRET = re.compile(r"(?i)(token|key|sig|secret|pass|cred|auth|expires)")


def without_secrets(url: str) -> str:
    """The address as it may be written down: without a user and a password, without a query that holds keys."""
    parts = urllib.parse.urlsplit(url)
    query = "" if _SECRET.search(parts.query) else parts.query
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def download(url: str, target: Path, *, timeout: float = 60.0, on_progress: Callable[[int, int | None], None] | None = None) -> str:
    """Save what `url` gives as `target` and return its SHA-256.

    `timeout` is seconds without any byte. `on_progress` gets the bytes so far and in all (None: not told). The file appears under its
    name only when it is complete. Raises OutsideError.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with urllib.request.urlopen(_request(url), timeout=timeout) as response, partial.open("wb") as file:
            digest = _copy(response, file, on_progress)
        os.replace(partial, target)
    except urllib.error.HTTPError as error:
        raise OutsideError(f"{url} answers {error.code} {error.reason}", where=str(target), todo=f"Check the address; {_PASS_IT}") from error
    except (urllib.error.URLError, ssl.SSLError, TimeoutError, ConnectionError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise OutsideError(f"{url} cannot be reached: {reason}", where=str(target), todo=f"Check the network; {_PASS_IT}") from error
    except OSError as error:
        raise OutsideError(f"{target} cannot be written: {error.strerror or error}", where=str(target), todo="Make room or choose another folder.") from error
    finally:
        partial.unlink(missing_ok=True)
    return digest


def _request(url: str) -> urllib.request.Request:
    # Some data hosts refuse urllib's own name.
    return urllib.request.Request(url, headers={"User-Agent": "Mozilla/5.0 (compatible; ferrata)"})


def _copy(response: object, file: object, on_progress: Callable[[int, int | None], None] | None) -> str:
    digest, done = hashlib.sha256(), 0
    length = response.headers.get("Content-Length")  # type: ignore[attr-defined]
    while chunk := response.read(_CHUNK):  # type: ignore[attr-defined]
        file.write(chunk)  # type: ignore[attr-defined]
        digest.update(chunk)
        done += len(chunk)
        if on_progress:
            on_progress(done, int(length) if length else None)
    if length and done != int(length):
        raise ConnectionError(f"the connection ended after {done} of {length} bytes")
    return digest.hexdigest()


def copy_file(source: Path, target: Path) -> str:
    """Copy a file under its final name only when it is complete; gives its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(source, partial)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
