"""Names made from people's words."""

from __future__ import annotations

import re
import unicodedata


def words(text: str) -> list[str]:
    """Lower-case ASCII words; accents are dropped."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z0-9]+", plain.lower())


def slug(text: str) -> str:
    """Lower-case ASCII words joined by underscores, at most 40 characters."""
    return "_".join(words(text))[:40].strip("_")
