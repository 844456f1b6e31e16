# ruff: noqa: E501
"""What every rule must hold to, and edits on top of edits."""

from __future__ import annotations

import ast
import random
import re
from pathlib import Path

import pytest
from tests.repairs.conftest import TODAY, environment_of, notebook_of
from tests.repairs.test_anywhere import CHANGED
from tests.repairs.test_on_failure import CASES
from tests.repairs.test_silent import CHANGED as SILENT

from ferrata.records.edit import Edit
from ferrata.records.observation import Failure
from ferrata.steps.repairs import RULES, compose, repair, silent_repairs
from ferrata.steps.repairs.composing import rebase, whole_change
from ferrata.steps.repairs.rule import Change, Rule

ODD = [
    "", "# only a comment", "x = 'ä€😀'; np.NaN", "async def f():\n    await g()", "await g()", "lambda *a, **k: f(*a, **k)", "f(x for x in y)", "print(f'{df.ix[0]!r:>{width}}')",
    "f(\n    a,  # one, two\n    b=(1, 2),\n)", "class A(B, metaclass=C):\n    pass", "df[...] = 1", "del df['x'], y", "f()()()", "x = (yield)", "match x:\n    case {'a': b}: pass",
    "@d(1, 2)\ndef f(a, /, b=1, *, c): return a", "df.x.y[z](w).append(v)", "f(*b, **{'a': 1})", "global x", "with open('a') as f, g() as h: pass", "1 if a else 2", "\tx = 1",
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_is_documented(rule: Rule) -> None:
    what, _, examples = rule.page.strip().rpartition("\n\n")
    assert len(what) > 60
    assert any(re.search(r"\S {2,}\S", line) for line in examples.splitlines()), "an example, before and after"
    assert (rule.when == "failing") == (rule.message is not None)
    assert bool(rule.package) == bool(rule.since)
    assert rule.when != "silent" or rule.package


def test_names_are_unique() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))


def test_every_rule_file_is_in_the_list() -> None:
    import ferrata.steps.repairs.rules as rules

    assert rules.__file__
    files = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == {rule.find.__module__.rpartition(".")[2] for rule in RULES}


@pytest.mark.parametrize("source", ODD)
def test_odd_code_is_no_trouble(source: str) -> None:
    notebook = notebook_of("import pandas as pd, numpy as np, sklearn", source)
    sources = {one.index: one.source for one in notebook.statements}
    for message in (
        "KeyError: 0",
        "AttributeError: 'DataFrame' object has no attribute 'ix'",
        "TypeError: f() got an unexpected keyword argument 'b'",
    ):
        kind, _, text = message.partition(": ")
        edits = repair(sources, notebook, environment_of(TODAY), Failure(1, 2, 1, kind, text))
        for index, original in sources.items():
            _parse(compose(original, [edit for edit in edits if edit.statement == index]))


def _parse(source: str) -> None:
    compile(source.lstrip(), "x", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


ALL = {
    **{name: (sources, "") for name, (sources, _) in CHANGED.items()},
    **{name: (sources, message) for name, (sources, message, _) in CASES.items()},
}


@pytest.mark.parametrize(("sources", "message"), ALL.values(), ids=ALL)
def test_edits_tell_the_truth(sources: list[str], message: str) -> None:
    """`before` is the original text at the span, `after` parses in place, cell and rule are named."""
    notebook = notebook_of(*sources)
    kind, _, text = message.partition(": ")
    failure = Failure(len(sources) - 1, len(sources), 1, kind, text) if message else None
    edits = repair({one.index: one.source for one in notebook.statements}, notebook, environment_of(TODAY), failure)
    assert (
        edits or "stays" in message or sources[-1].startswith(("from tensorflow.keras.preprocessing.text", "cross_validation", "np_utils", "interp"))
    )
    for edit in edits:
        original = sources[edit.statement]
        assert original[edit.start : edit.end] == edit.before
        assert edit.cell == edit.statement + 1 and edit.rule and edit.why
        _parse(compose(original, [one for one in edits if one.statement == edit.statement]))


@pytest.mark.parametrize(("sources", "after"), SILENT.values(), ids=SILENT)
def test_silent_edits_say_so(sources: list[str], after: str) -> None:
    notebook = notebook_of(*sources)
    assert all(edit.silent for edit in silent_repairs({one.index: one.source for one in notebook.statements}, notebook, environment_of(TODAY)))


def edit_of(start: int, end: int, before: str, after: str) -> Edit:
    return Edit(0, 1, 1, start, end, before, after, "path", "the file is here")


def test_a_repair_on_top_of_an_earlier_edit() -> None:
    """The path was replaced before; the repair of the same call is told in offsets of the original."""
    source = "df = pd.read_csv('C:/a.csv', error_bad_lines=False)"
    notebook = notebook_of(source, "import pandas as pd")
    earlier = edit_of(17, 27, "'C:/a.csv'", "'data/much/longer/a.csv'")
    current = {0: compose(source, [earlier]), 1: "import pandas as pd"}
    new = repair(current, notebook, environment_of(TODAY), edits=[earlier])
    assert [source[edit.start : edit.end] for edit in new] == ["error_bad_lines=False"]
    assert compose(source, [earlier, *new]) == "df = pd.read_csv('data/much/longer/a.csv', on_bad_lines=\"warn\")"


def test_a_repair_around_an_earlier_edit_takes_it_in() -> None:
    source = "df = pd.value_counts('a')"
    notebook = notebook_of(source, "import pandas as pd")
    earlier = edit_of(21, 24, "'a'", "'b'")
    new = repair({0: compose(source, [earlier]), 1: "import pandas as pd"}, notebook, environment_of(TODAY), edits=[earlier])
    assert compose(source, [earlier, *new]) == "df = pd.Series('b').value_counts()"
    assert new[0].why.startswith("the file is here; ")


def test_without_the_earlier_edits_the_result_is_the_same() -> None:
    source = "df = pd.read_csv('C:/a.csv', error_bad_lines=False)"
    notebook = notebook_of(source, "import pandas as pd")
    current = source.replace("C:/", "data/")
    new = repair({0: current, 1: "import pandas as pd"}, notebook, environment_of(TODAY))
    assert compose(source, [*whole_change(notebook.statements[0], current), *new]) == "df = pd.read_csv('data/a.csv', on_bad_lines=\"warn\")"


@pytest.mark.parametrize("seed", range(30))
def test_edits_one_after_the_other_are_the_text_they_made(seed: int) -> None:
    """Random changes of a changing text, each put on the original: composing them gives the same text."""
    chance = random.Random(seed)
    source = "".join(chance.choice("abcdef \n") for _ in range(40))
    statement = notebook_of(source).statements[0]
    current, edits = source, []
    for _ in range(12):
        start = chance.randrange(len(current) + 1)
        end = min(len(current), start + chance.randrange(6))
        change = Change(start, end, "".join(chance.choice("XYZ") for _ in range(chance.randrange(5))), "chance")
        edits.append(rebase(change, statement, edits, rule="chance"))
        current = current[:start] + change.after + current[end:]
        assert compose(source, edits) == current
