"""One request to a REST service that speaks JSON. A credential never goes to another host, nor over a line that others can read."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ferrata.errors import OutsideError

SECONDS = 30.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Answer:
    """`content` is None where there is none, or none in JSON."""

    status: int
    content: Any


class _Stay(urllib.request.HTTPRedirectHandler):
    """urllib would take the headers along to wherever it is sent."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


def ask(method: str, url: str, *, headers: Mapping[str, str], body: Any = None) -> Answer:
    """OutsideError where nothing answers; a status that means no is for the caller."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise OutsideError("A token is sent over https alone", where=f"{parts.scheme}://{parts.netloc}", todo="Give the address of the service with https://.")
    content = None if body is None else json.dumps(body).encode()
    sent = {"User-Agent": "ferrata", "Accept": "application/json", **({"Content-Type": "application/json"} if content else {}), **headers}
    request = urllib.request.Request(url, content, sent, method=method)
    try:
        with _OPENER.open(request, timeout=SECONDS) as response:
            return Answer(response.status, _parsed(response.read()))
    except urllib.error.HTTPError as error:
        return Answer(error.code, _parsed(error.read()))
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise OutsideError(f"{parts.hostname} cannot be reached: {reason}", where=url.partition("?")[0], todo="Check the network and the address.") from error


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
