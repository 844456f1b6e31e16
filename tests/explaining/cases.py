"""The planted causes, in the order of docs/why.md."""

from __future__ import annotations

from planted import Case, Place

from samples import orders, weather


def _edits(*edits: tuple[str, str, str]):  # type: ignore[no-untyped-def]
    def plant(place: Place) -> None:
        for path, old, new in edits:
            place.change(path, old, new)

    return plant


def _reformatted(place: Place) -> None:
    """Other layout, comments, docstrings and names; a parameter is what changes the number."""
    place.change("src/orders.py", "def in_euro(row, rate):", "# Rates are those of the first day.\ndef to_euro(row,\n            rate):")
    place.change("src/prepare.py", "from orders import in_euro, is_order", "from orders import is_order, to_euro")
    place.change("src/prepare.py", "in_euro(row", "to_euro(row")
    place.change("params.yaml", "rate: 0.92", "rate: 0.95")


def _row(place: Place) -> None:
    lines = place.read("data/orders.csv").split("\n")
    lines[18] = lines[18].replace(lines[18].split(",")[3], "19999.99")
    place.write("data/orders.csv", "\n".join(lines))


def _shuffled(place: Place) -> None:
    head, *rows = place.read("data/orders.csv").split("\n")[:-1]
    place.write("data/orders.csv", "\n".join([head, *rows[::-1]]) + "\n")


def _without_rows(place: Place) -> None:
    lines = place.read("data/weather.csv").split("\n")
    place.write("data/weather.csv", "\n".join(lines[:20] + lines[31:]))


QUICK = (
    Case("the same", orders, outcome="same"),
    Case("layout, comments and names, and a rate", orders, _reformatted, (("parameter", "prepare.rate"),)),
    Case("an edited helper", orders, _edits(("src/orders.py", '> 0', '> 20')), (("code", "src/orders.py, line 6"),)),
    Case("one row edited", orders, _row, (("data", "column amount, 1 row edited (18)"),)),
    Case("rows in another order", orders, _shuffled, (("data", "order of the rows"),)),
)

MORE = (
    Case("the seed of the split", weather, _edits(("params.yaml", "seed: 0", "seed: 5")), (("parameter", "split.seed"),)),
    Case("rows left out", weather, _without_rows, (("data", "only there"),)),
)
