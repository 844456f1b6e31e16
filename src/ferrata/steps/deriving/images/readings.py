"""Loops over files of images that were found, and what stands in their place."""

from __future__ import annotations

from dataclasses import dataclass, field

from ferrata.records.observation import Site
from ferrata.source.edits import apply_edits

ASKED = "images_asked_about"  # stands for the parameter of predict.py that holds the paths; `module.py` gives it a name that the author does not use
DROPPED = "pass  # nothing of the image"  # a line that falls away


@dataclass
class Reading:
    """One loop: at `span` of statement `statement` stands `text` instead. `containers` are the lists that it fills, none where its own value is the
    images; `is_whole`: it is the whole statement; `roots` are the places (statement, site) whose value is one image after the other; `why` is what stands in
    the way, "" for nothing."""

    statement: int
    span: tuple[int, int]
    text: str
    containers: frozenset[str] = frozenset()
    roots: tuple[tuple[int, Site], ...] = ()
    why: str = ""
    is_whole: bool = False


@dataclass
class Readings:
    """`unused`: parameters of the author's functions that only said where the files are, by the function's name."""

    found: list[Reading] = field(default_factory=list)
    unused: dict[str, frozenset[int]] = field(default_factory=dict)

    def of(self, statement: int) -> list[Reading]:
        return [reading for reading in self.found if reading.statement == statement]

    def without_dropped(self, text: str) -> str:
        """The text of a statement without the lines that fall away."""
        return "\n".join(line for line in text.split("\n") if line.strip() != DROPPED) if self.found else text

    def without_labels(self, statement: int, source: str) -> str:
        """The text of a statement without what is given back beside images, and what that alone needs."""
        edits = [(*each.span, each.text) for each in self.of(statement) if each.text in ("None", DROPPED)]
        return self.without_dropped(apply_edits(source, edits)) if edits else source

    @property
    def roots(self) -> list[list[int]]:
        return [[index, site.line, site.column, site.end_line, site.end_column] for reading in self.found for index, site in reading.roots]
