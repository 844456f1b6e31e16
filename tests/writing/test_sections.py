"""When a long stage is cut into functions, where, and what goes in and out of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from by_hand import by_index, code, observed
from ferrata.steps.writing.sections import Draft, sections

PAD = "\n".join(f"print({number})" for number in range(16))


def draft(*cells: str, headings: tuple[str, ...] = (), given: tuple[str, ...] = (), wanted: tuple[str, ...] = (), taken: tuple[str, ...] = (),
          did: dict[str, dict[str, Any]] | None = None) -> Draft:
    book = code(*cells)
    named = dict(enumerate(headings, 1))
    return Draft(
        body=tuple(book.sources), texts=book.sources, traces=by_index(observed(book, did)), cells={i: book.cell(i) for i in book.sources},
        headings={i: named.get(book.cell(i), "") for i in book.sources}, purposes={i: f"step_{book.cell(i)}" for i in book.sources},
        given=given, wanted=frozenset(wanted), taken=frozenset(taken),
    )


LONG = (f"a = 1\n{PAD}", f"b = a + 1\n{PAD}")
WHOLE: dict[str, Draft] = {
    "a short stage": draft("a = 1", "b = a + 1"),
    "one cell": draft(f"a = 1\n{PAD}\n{PAD}\nb = a"),
    "one heading": draft(*LONG, headings=("Data", "Data")),
    "a nested helper": draft(f"a = 1\n{PAD}", f"def f():\n    return a\n{PAD}"),
    "a class": draft(f"a = 1\n{PAD}", f"class A:\n    b = 1\n{PAD}"),
    "a lambda whose variable is bound again": draft(f"a = 1\nf = lambda: a\n{PAD}", f"a = 2\nf()\n{PAD}"),
    "exec": draft(f"a = 1\n{PAD}", f"exec('b = a')\n{PAD}"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_is_left_whole(name: str) -> None:
    assert sections(WHOLE[name]) == ()


def test_a_long_stage_becomes_two_functions() -> None:
    first, second = sections(draft(*LONG, wanted=("b",)))
    assert (first.name, first.arguments, first.results) == ("step_1", (), ("a",))
    assert (second.name, second.arguments, second.results) == ("step_2", ("a",), ("b",))
    assert first.statements + second.statements == tuple(range(34))


def test_headings_name_the_functions() -> None:
    found = sections(draft(*LONG, headings=("1. Load data!", "Modell wählen & prüfen")))
    assert [part.name for part in found] == ["step_1", "modell_wahlen_prufen"]


NAMES = {
    "words": ("Feature Engineering", "feature_engineering"), "a keyword": ("Import", "step_2"),
    "a sentence": ("We will now have a look at all the data", "step_2"),
    "another alphabet": ("数据", "step_2"), "a number": ("2019", "step_2"),
    "a name in use": ("Model", "model_2"), "a builtin the code calls": ("Print", "print_2"),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_function(name: str) -> None:
    heading, expected = NAMES[name]
    assert sections(draft(*LONG, headings=("", heading), taken=("model", "print")))[1].name == expected


PURPOSES = {
    "what it fits, not what comes first": (("prepare_data", "evaluate_model", "train_model"), "train_model"),
    "what it scores": (("prepare_data", "plot_results", "evaluate_model"), "evaluate_model"),
    "what it loads": (("prepare_data", "split_data", "load_data"), "load_data"),
    "the first of the rest": (("tidy", "prepare_data"), "tidy"),
    "nothing known": (("", ""), "process_data"),
}


@pytest.mark.parametrize("name", PURPOSES)
def test_a_function_is_called_after_what_tells_most(name: str) -> None:
    purposes, expected = PURPOSES[name]
    made = draft(*LONG)
    second = [index for index in made.body if made.cells[index] == 2]
    named = {index: purposes[position % len(purposes)] for position, index in enumerate(second)}
    assert sections(replace(made, purposes={**made.purposes, **named}))[1].name == expected


def test_what_exists_before_is_handed_in() -> None:
    first, _ = sections(draft(f"a = X + params\n{PAD}", f"b = a\n{PAD}", given=("X", "params", "unused")))
    assert first.arguments == ("X", "params")


def test_what_nobody_needs_stays_inside() -> None:
    first, _ = sections(draft(f"a = 1\nleft = 2\n{PAD}", f"b = a\n{PAD}"))
    assert first.results == ("a",)


def test_what_is_bound_again_goes_in_and_out() -> None:
    _, second, _ = sections(draft(f"n = 1\n{PAD}", f"n = n + 1\n{PAD}", f"print(n)\n{PAD}"))
    assert (second.arguments, second.results) == (("n",), ("n",))


def test_what_is_bound_only_maybe_goes_in_too() -> None:
    _, second = sections(draft(f"n = 1\n{PAD}", f"if flag:\n    n = 2\n{PAD}", given=("flag",), wanted=("n",)))
    assert second.arguments == ("flag", "n") and second.results == ("n",)


def test_what_is_changed_in_place_needs_no_way_out() -> None:
    first, second = sections(draft(f"d = {{}}\n{PAD}", f"d['a'] = 1\n{PAD}", wanted=("d",)))
    assert (first.results, second.arguments, second.results) == (("d",), ("d",), ())


def test_what_was_deleted_does_not_come_out() -> None:
    first, _ = sections(draft(f"a = 1\nt = 2\ndel t\n{PAD}", f"b = a\n{PAD}", did={"del t": {"deletes": ("t",)}}, wanted=("t",)))
    assert first.results == ("a",)


def test_a_crumb_joins_what_comes_before() -> None:
    found = sections(draft(f"a = 1\n{PAD}", "b = a", f"c = b\n{PAD}"))
    assert len(found) == 2 and len(found[0].statements) == 18


@pytest.mark.parametrize("cells", [LONG, (f"n = 1\n{PAD}", f"if n:\n    m = n\n{PAD}", f"for i in range(3):\n    n = n + i\n{PAD}", f"print(n, m)\n{PAD}")])
def test_the_functions_give_what_the_whole_gives(cells: tuple[str, ...]) -> None:
    made = draft(*cells, wanted=("n",) if "n = 1" in cells[0] else ("b",))
    whole: dict[str, Any] = {"print": lambda *_: None}
    for index in made.body:
        exec(made.texts[index], whole)
    ours: dict[str, Any] = {"print": lambda *_: None}
    for part in sections(made):
        body = "\n".join(f"    {line}" for index in part.statements for line in made.texts[index].split("\n"))
        exec(f"def {part.name}({', '.join(part.arguments)}):\n{body}\n    return {', '.join(part.results) or None}", ours)
        exec((f"{', '.join(part.results)} = " if part.results else "") + f"{part.name}({', '.join(part.arguments)})", ours)
    assert {name: ours[name] for name in made.wanted} == {name: whole[name] for name in made.wanted}
