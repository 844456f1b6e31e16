"""The drawings of a page, and where files of them lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ferrata.records.page import Figure, Page, Section


def figures(page: Page) -> tuple[Figure, ...]:
    """Without what may show people."""
    return tuple(figure for figure in _found(page.blocks) if not figure.is_personal)


def _found(blocks: Sequence[Any]) -> Iterator[Figure]:
    for block in blocks:
        if isinstance(block, Figure):
            yield block
        elif isinstance(block, Section):
            yield from _found(block.blocks)


def with_files(page: Page, prefix: str) -> Page:
    """Each figure shown from a file: `prefix` and its name."""
    return with_addresses(page, {figure.name: f"{prefix}{figure.name}.svg" for figure in figures(page)})


def with_addresses(page: Page, addresses: Mapping[str, str]) -> Page:
    """Each figure shown from its address, those without one as before."""
    return replace(page, blocks=_placed(page.blocks, addresses))


def _placed(blocks: Sequence[Any], addresses: Mapping[str, str]) -> tuple[Any, ...]:
    return tuple(
        replace(block, path=addresses.get(block.name, "")) if isinstance(block, Figure)
        else replace(block, blocks=_placed(block.blocks, addresses)) if isinstance(block, Section) else block
        for block in blocks
    )  # fmt: skip
