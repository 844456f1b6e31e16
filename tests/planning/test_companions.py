"""What goes with a stage though nothing reads it: settings, styles, and what dresses a drawing."""

from __future__ import annotations

from typing import Any

import pytest

from by_hand import code, observed
from ferrata.dataflow.graph import dependencies, reads, writes
from ferrata.records.analysis import Analysis, Node
from ferrata.steps.planning.companions import accompanied, free
from ferrata.steps.planning.keep import kept

IMPORT = "import lib, plt"
SETTING = "lib.set_option('mode', 1)"
STYLE = "plt.style.use('grey')"
DRAW = "for x in data: plt.imshow(x)"
STATES: dict[str, dict[str, Any]] = {
    SETTING: {"state": ("pandas.options",)},
    "lib.set_option('display.width', 1)": {"state": ("pandas.options",)},
    "lib.fit(data)": {"state": ("environ",), "binds": ("model",)},
    STYLE: {"state": ("pyplot.style",)},
    "plt.figure()": {"state": ("pyplot",)},
    DRAW: {"draws": True, "binds": ("x",)},
}

# The cells, the statements that are wanted, and those that are kept.
KEPT: dict[str, tuple[list[str], list[str], list[str]]] = {
    "a display option stays out": ([IMPORT, "lib.set_option('display.width', 1)", "y = lib.a()"], ["y ="], [IMPORT, "y = lib.a()"]),
    "a setting after all that is needed stays out": ([IMPORT, "y = lib.a()", SETTING], ["y ="], [IMPORT, "y = lib.a()"]),
    "a style stays out where nothing is drawn": ([IMPORT, STYLE, "y = lib.a()"], ["y ="], [IMPORT, "y = lib.a()"]),
    "dressing of another cell stays out": ([IMPORT, "data = lib.a()", "plt.figure()", DRAW], ["for x"], [IMPORT, "data = lib.a()", DRAW]),
    "a setting is kept": ([IMPORT, SETTING, "y = lib.a()"], ["y ="], [IMPORT, SETTING, "y = lib.a()"]),
    "a style is kept with a drawing": ([IMPORT, STYLE, "data = lib.a()", DRAW], ["for x"], [IMPORT, STYLE, "data = lib.a()", DRAW]),
    "dressing is kept with its drawing": (
        [IMPORT, "data = lib.a()", "plt.figure()\n" + DRAW + "\nplt.title('Crosses')"], ["for x"],
        [IMPORT, "data = lib.a()", "plt.figure()", DRAW, "plt.title('Crosses')"],
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_kept(name: str) -> None:
    cells, wanted, expected = KEPT[name]
    book = code(*cells)
    traces = {t.index: t for t in observed(book, STATES).traces}
    analysis = Analysis((), dependencies(tuple(traces.values())))
    targets = {i for i, source in book.sources.items() if source.startswith(tuple(wanted))}
    assert [book.sources[i] for i in kept(book, traces, analysis, targets)] == expected


def test_each_stage_gets_the_settings_that_came_before_its_statements() -> None:
    book = code(IMPORT, SETTING, "data = lib.a()", STYLE, "plt.figure()\n" + DRAW, "lib.fit(data)", "score = lib.score()")
    assert {i: book.sources[i] for i in (1, 3, 4)} == {1: SETTING, 3: STYLE, 4: "plt.figure()"}
    traces = {t.index: t for t in observed(book, STATES).traces}
    nodes = {i: Node(i, "", reads(t), writes(t)) for i, t in traces.items()}
    companions = free(tuple(traces), book, traces, nodes, {0}, ())
    assert companions == (1, 3, 4)
    assert accompanied((2,), companions, book, traces) == (1, 2)
    assert accompanied((6, 7), companions, book, traces) == (1, 6, 7)
    assert accompanied((2, 5), companions, book, traces) == (1, 2, 3, 4, 5)


def test_a_value_is_made_once_whatever_else_its_making_changes() -> None:
    book = code(IMPORT, "model = lib.make()", "y = lib.a()")
    traces = {t.index: t for t in observed(book, {"model": {"state": ("keras.config",)}}).traces}
    nodes = {i: Node(i, "", reads(t), writes(t)) for i, t in traces.items()}
    assert free(tuple(traces), book, traces, nodes, {0}, ()) == ()


def test_a_setting_that_needs_data_stays_where_the_cut_puts_it() -> None:
    book = code(IMPORT, "width = lib.a()", "lib.set_option('mode', width)", "y = lib.a()")
    traces = {t.index: t for t in observed(book, {"lib.set_option": {"state": ("pandas.options",)}}).traces}
    nodes = {i: Node(i, "", reads(t), writes(t)) for i, t in traces.items()}
    assert free(tuple(traces), book, traces, nodes, {0}, ()) == ()
