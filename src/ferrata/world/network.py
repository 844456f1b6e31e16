"""Questions about the network."""

from __future__ import annotations

import urllib.error
import urllib.request


def answers(url: str, *, seconds: float) -> bool:
    """Whether a server answers a HEAD request with success in time."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=seconds) as response:
            return bool(200 <= response.status < 400)
    except (OSError, ValueError, urllib.error.URLError):
        return False
