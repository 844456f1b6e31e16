"""The pieces of a prediction function that are about images: the loop over them, and what a network gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from ferrata.records.derivation import Derivation, Unit
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
