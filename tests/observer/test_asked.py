"""What a model was asked about is noted without reading what has no end."""

from __future__ import annotations

import numpy
import pytest

from ferrata.observer.rowwise.asked import Asked


class Batches:
    """A generator of batches, as keras makes one of a folder: it gives them for ever."""

    is_read = False

    def __len__(self) -> int:
        self.is_read = True
        return 3

    def __getitem__(self, place: int) -> int:
        self.is_read = True
        return [1, 2, 3][place]


class Network:
    def fit(self, x: object, y: object = None) -> None: ...


@pytest.mark.parametrize("truth", [None, [1, 2]])
def test_a_generator_that_a_network_is_fitted_on_is_not_read(truth: object) -> None:
    asked, batches = Asked(), Batches()
    asked.note(Network(), "fit", (batches, truth), {}, None)
    assert asked.learned == [] and asked.calls == [] and not batches.is_read


def test_of_an_array_the_labels_are_learned() -> None:
    asked = Asked()
    asked.note(Network(), "fit", (numpy.eye(3), numpy.array([4, 5, 6])), {}, None)
    assert [sorted(labels.values()) for _, labels in asked.learned] == [[4, 5, 6]]
