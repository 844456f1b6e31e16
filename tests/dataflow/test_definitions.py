"""Which statements may be repeated in every stage, which pairs keep their order, and where a score stands in a text."""

from __future__ import annotations

import pytest

from ferrata.dataflow.definitions import definition_names, definitions, is_definition, is_import, overtakes
from ferrata.dataflow.names import slug
from ferrata.dataflow.sites import contains, metric_name, segment
from ferrata.records.analysis import Node
from ferrata.records.observation import Site

NAMES: dict[str, tuple[str, tuple[str, ...]]] = {
    "a value that is computed": ("x = f()", ()), "a name": ("x = y", ()), "two statements": ("x = 1; y = 2", ()), "unpacked": ("a, b = 1, 2", ()),
    "an item": ("d['a'] = 1", ()), "added to": ("x += 1", ()), "a call": ("f(1)", ()), "an f-string": ("x = f'{y}'", ()),
    "import": ("import os.path", ("os",)), "import as": ("import numpy as np, re", ("np", "re")), "from": ("from a import b as c, d", ("c", "d")),
    "function": ("def f(): pass", ("f",)), "coroutine": ("async def f(): pass", ("f",)), "class": ("class A: pass", ("A",)),
    "lambda": ("f = lambda a: a", ("f",)),
    "number": ("x = -1.5", ("x",)), "list": ("x = ['a', 'b']", ("x",)), "two names": ("x = y = None", ("x", "y")), "range": ("x = list(range(3))", ("x",)),
}


@pytest.mark.parametrize("name", NAMES)
def test_definition_names(name: str) -> None:
    source, expected = NAMES[name]
    assert definition_names(source) == expected


def node(index: int, reads: str = "", writes: str = "") -> Node:
    return Node(index, "", frozenset(reads.split()), frozenset(writes.split()))


def repeated(*statements: tuple[str, str, str]) -> set[int]:
    nodes = {i: node(i, reads, writes) for i, (_, reads, writes) in enumerate(statements)}
    return set(definitions(tuple(nodes), {i: source for i, (source, _, _) in enumerate(statements)}, nodes))


def test_a_constant_that_is_bound_again_or_changed_is_no_definition() -> None:
    assert repeated(("n = 1", "", "n"), ("n = n + 1", "n", "n")) == set()
    assert repeated(("rows = []", "", "rows"), ("rows.append(1)", "rows", "rows")) == set()
    assert repeated(("def f(): pass", "", "f"), ("def f(): return 1", "", "f")) == set()


def test_imports_constants_and_functions_that_stay_are_definitions() -> None:
    assert repeated(("import os", "", "os"), ("N = 1", "", "N"), ("def f(): pass", "", "f"), ("x = f()", "f", "x")) == {0, 1, 2}


def test_an_import_said_twice_is_one_still() -> None:
    assert repeated(("import os", "", "os"), ("import os", "", "os")) == {0, 1}


def test_kinds() -> None:
    assert is_import("import os\nfrom a import b") and not is_import("import os\nx = 1") and not is_import("")
    assert is_definition("class A: pass") and not is_definition("x = 1") and not is_definition("@d\ndef f(): pass\nf()")


OVERTAKES = {
    "reads what the other writes": (node(1, reads="x"), node(0, writes="x"), False),
    "writes what the other reads": (node(1, writes="x"), node(0, reads="x"), False),
    "both write": (node(1, writes="x"), node(0, writes="x"), False),
    "both draw": (node(1, "<random numpy>", "<random numpy>"), node(0, "<random numpy>", "<random numpy>"), False),
    "both read": (node(1, reads="x"), node(0, reads="x"), True),
    "nothing in common": (node(1, "x", "y"), node(0, "a", "b"), True),
    "only a definition in common": (node(1, reads="fixed"), node(0, writes="fixed"), True),
}


@pytest.mark.parametrize("name", OVERTAKES)
def test_overtakes(name: str) -> None:
    second, first, expected = OVERTAKES[name]
    assert overtakes(1, [0], {0: first, 1: second}, {"fixed"}) is expected


SLUGS = {"Train & Evaluate!": "train_evaluate", "  ": "", "Prévision 2019": "prevision_2019", "数据": "", "a" * 60: "a" * 40}


@pytest.mark.parametrize("text", SLUGS)
def test_slug(text: str) -> None:
    assert slug(text) == SLUGS[text]


def test_segment_counts_bytes() -> None:
    assert segment("é = f(ü,\n  'ö') + 1", Site(1, 5, 2, 7)) == "f(ü,\n  'ö')"
    assert segment("a", Site(3, 0, 3, 1)) == ""


def test_contains() -> None:
    assert contains(Site(1, 0, 2, 5), Site(1, 0, 2, 5)) and contains(Site(1, 0, 2, 5), Site(1, 9, 2, 4))
    assert not contains(Site(1, 0, 2, 5), Site(1, 0, 2, 6)) and not contains(Site(1, 1, 2, 5), Site(1, 0, 1, 2))


@pytest.mark.parametrize(("function", "expected"), [
    ("sklearn.metrics._classification.accuracy_score", "accuracy"), ("sklearn.metrics._regression.r2_score", "r2"),
    ("KNN.score", "score"), ("a.evaluate_", "evaluate"),
    ("sklearn.model_selection._validation.cross_val_score", "cross_val_score"), ("sklearn.metrics.roc_auc_score", "roc_auc"),
])
def test_metric_name(function: str, expected: str) -> None:
    assert metric_name(function) == expected
