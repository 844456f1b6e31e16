"""The pieces of a prediction function that are about images: the loop over them, and what a network gives."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ferrata.records.derivation import Derivation, Unit
from ferrata.records.observation import Trace
from ferrata.source.names import statement_names
from ferrata.steps.deriving.images.outputs import of_network
from ferrata.steps.deriving.images.readings import Readings
from ferrata.steps.deriving.places import Stuck


def image_unit(readings: Readings, index: int, needed: Collection[str]) -> Unit | None:
    """The loop at this statement, where it fills a list that is needed. Stuck where another loop fills it in another way."""
    for reading in readings.of(index):
        if reading.containers & set(needed) and reading.is_whole:
            others = [each for each in readings.found if each.containers & reading.containers and each.is_whole]
            if reading.why or len({each.text for each in others}) > 1:
                raise Stuck(reading.why or "images are read in several loops, each in another way")
            return Unit(index, reading.text, reading.containers, statement_names(reading.text).reads)
    return None


def as_images(made: Derivation, told: Mapping[str, Any]) -> Derivation:
    """With what a network's numbers mean; any other model answers by itself."""
    outputs = of_network(made.units, made.answer, told) if told.get("is_network") else None
    if outputs is None:
        return replace(made, images=dict(told))
    return replace(
        made, images=dict(told), units=outputs.units, answer=outputs.answer, probabilities=outputs.probabilities, classes=outputs.classes,
        helper=outputs.helper,
    )


def label_names(readings: Readings, order: Sequence[int], sources: Mapping[int, str], traces: Mapping[int, Trace]) -> frozenset[str]:
    """What the loops over files fill besides images, and what is made of that alone."""
    images = {name for reading in readings.found for name in reading.containers}
    loops = {reading.statement for reading in readings.found if reading.is_whole}
    found = {name for index in loops for name in (*traces[index].binds, *traces[index].mutates)} - images
    for index in order:
        names = statement_names(sources[index])
        if index not in loops and names.reads & found and not names.reads & images:
            found |= names.binds
        images |= names.binds if names.reads & images else set()
    return frozenset(found - images)


def without_labels(source: str, labels: Collection[str]) -> str:
    """`df["label"] = y` → `df["label"] = None`: what an image is said to be stands beside what is made of it; "" for any other statement."""
    (node,) = ast.parse(source).body
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    is_column = isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str)
    if not is_column or target is None or not isinstance(node, ast.Assign) or not statement_names(ast.unparse(node.value)).reads & set(labels):
        return ""
    return f"{ast.unparse(target)} = None"
