"""Addresses, as they may be written down."""

from __future__ import annotations

import pytest

from ferrata.world.download import without_secrets

ADDRESSES = {
    "plain": ("https://example.org/a.csv", "https://example.org/a.csv"),
    "a version": ("https://example.org/a.csv?version=2", "https://example.org/a.csv?version=2"),
    "a signed query": ("https://example.org/a.csv?Expires=3&X-Amz-Signature=ab", "https://example.org/a.csv"),
    "a token": ("https://example.org/a.csv?token=ab&raw=true", "https://example.org/a.csv"),
    "a user": ("https://me:secret@example.org:8000/a.csv", "https://example.org:8000/a.csv"),
    "a fragment": ("https://example.org/a.csv#part", "https://example.org/a.csv"),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_without_secrets(name: str) -> None:
    given, expected = ADDRESSES[name]
    assert without_secrets(given) == expected
