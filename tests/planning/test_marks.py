"""The edits that keep what the notebook only showed: scores, predictions, figures."""

from __future__ import annotations

from typing import Any

import pytest

from by_hand import site
from ferrata.records.analysis import Model, Score
from ferrata.records.observation import Call, Trace, Value
from ferrata.records.plan import Change, PredictionPlan
from ferrata.steps.planning.asked import with_rows
from ferrata.steps.planning.marks import apart, mark_figures, mark_predictions, mark_scores
from ferrata.steps.planning.predictions import find_predictions, last_results
from ferrata.steps.writing.text import changed


def marked(source: str, *texts: str) -> str:
    scores = [Score(f"s{n}", 0, site(source, text), (0,), (0.5,)) for n, text in enumerate(texts, 1)]
    changes, kept = mark_scores(scores, {0: source})
    assert kept == tuple(scores)
    return changed(source, changes, {})


RECORDS = {
    "bound": ("acc = f(y, p)", ["f(y, p)"], 'acc = record("s1", f(y, p))'),
    "printed": ("print('acc', f(y, p))", ["f(y, p)"], "print('acc', record(\"s1\", f(y, p)))"),
    "formatted": ("print(round(f(y, p), 2))", ["f(y, p)"], 'print(round(record("s1", f(y, p)), 2))'),
    "over several lines": ("a = f(\n    y,  # truth\n    p,\n)", ["f(\n    y,  # truth\n    p,\n)"], 'a = record("s1", f(\n    y,  # truth\n    p,\n))'),
    "two in a row": ("a = f(y) + g(y)", ["f(y)", "g(y)"], 'a = record("s1", f(y)) + record("s2", g(y))'),
    "one inside the other": ("a = f(g(y))", ["f(g(y))", "g(y)"], 'a = record("s1", f(record("s2", g(y))))'),
    "inner first": ("a = f(g(y))", ["g(y)", "f(g(y))"], 'a = record("s2", f(record("s1", g(y))))'),
    "both begin at one place": ("a = f(y) * 100", ["f(y) * 100", "f(y)"], 'a = record("s1", record("s2", f(y)) * 100)'),
    "both begin at one place, inner first": ("a = f(y) * 100", ["f(y)", "f(y) * 100"], 'a = record("s2", record("s1", f(y)) * 100)'),
    "both end at one place": ("a = 100 * f(y)", ["100 * f(y)", "f(y)"], 'a = record("s1", 100 * record("s2", f(y)))'),
    "other alphabets": ("é = f(ü)", ["f(ü)"], 'é = record("s1", f(ü))'),
    "in an f-string": ('print(f"{f(y)}")', ["f(y)"], 's1 = record("s1", f(y))\nprint(f"{s1}")'),
    "formatted in an f-string": ("print(f'{f(y):.3f} of')", ["f(y)"], "s1 = record(\"s1\", f(y))\nprint(f'{s1:.3f} of')"),
    "two in an f-string": ("print(f'{f(y)}, {g(y)!r}')", ["f(y)", "g(y)"],
                           's1 = record("s1", f(y))\ns2 = record("s2", g(y))\nprint(f\'{s1}, {s2!r}\')'),
    "in an f-string in a loop": ("for y in (1,):\n    print(f'{f(y)}')", ["f(y)"], "for y in (1,):\n    s1 = record(\"s1\", f(y))\n    print(f'{s1}')"),
    "in an f-string over two lines": ("print(f'{y} '\n      f'{f(y)}')", ["f(y)"], "s1 = record(\"s1\", f(y))\nprint(f'{y} '\n      f'{s1}')"),
}


@pytest.mark.parametrize("name", RECORDS)
def test_record(name: str) -> None:
    """The value is kept and handed on: the statement still compiles and gives the same."""
    source, texts, expected = RECORDS[name]
    result = marked(source, *texts)
    assert expected is None or result == expected
    kept: dict[str, Any] = {}

    def record(key: str, value: Any) -> Any:
        kept[key] = value
        return value

    author: dict[str, Any] = {"f": lambda *a: 0.5, "g": lambda *a: 0.25, "y": 1, "p": 1, "ü": 1}
    ours = dict(author) | {"record": record}
    exec(source, author)
    exec(result, ours)
    assert ours.get("a") == author.get("a") and set(kept) == {f"s{n}" for n in range(1, len(texts) + 1)}


def test_predictions_are_kept_after_the_statement() -> None:
    plan = PredictionPlan(0, "y", "model.predict(X)")
    assert changed("print(f(y))\n", mark_predictions(plan, {0: "print(f(y))\n"}), {}).rstrip() == "print(f(y))\nsave_predictions(y, model.predict(X))"
    with_rows = PredictionPlan(0, "y", "p", rows="X", model="model")
    assert changed("print(f(y))\n", mark_predictions(with_rows, {0: "print(f(y))\n"}), {}).rstrip() == "print(f(y))\nsave_predictions(y, p, X, model)"
    assert mark_predictions(None, {}) == ()


def figures(*sources: str, heading: str = "") -> tuple[list[str], dict[int, tuple[str, ...]]]:
    by_index = dict(enumerate(sources))
    changes, stems = mark_figures({4: tuple(by_index)}, by_index, {4: heading})
    return [changed(source, [c for c in changes if c.statement == index], {}) for index, source in by_index.items()], stems


FIGURES = {
    "show becomes save": (["plt.plot(x)", "plt.show()"], "", ["plt.plot(x)", 'save_figures("cell_4")']),
    "a cell that shows nothing": (["plt.plot(x)"], "", ['plt.plot(x)\nsave_figures("cell_4")']),
    "named by its title": (["plt.title('ROC curve')", "plt.show()"], "Results", ["plt.title('ROC curve')", 'save_figures("roc_curve")']),
    "named by the heading": (["plt.plot(x)", "plt.show()"], "Results!", ["plt.plot(x)", 'save_figures("results")']),
    "a title that is made at run time": (["plt.title(f'Fold {i}')", "plt.show()"], "", ["plt.title(f'Fold {i}')", 'save_figures("cell_4")']),
    "two figures": (["plt.show()", "plt.plot(z)", "plt.show()"], "", ['save_figures("cell_4")', "plt.plot(z)", 'save_figures("cell_4_2")']),
    "show in a loop": (["for a in b:\n    plt.plot(a)\n    plt.show()"], "", ['for a in b:\n    plt.plot(a)\n    save_figures("cell_4")']),
    "show of a figure": (["fig.show()"], "", ['save_figures("cell_4")']),
    "show of something else": (["app.show()"], "", ['app.show()\nsave_figures("cell_4")']),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures(name: str) -> None:
    sources, heading, expected = FIGURES[name]
    assert figures(*sources, heading=heading)[0] == expected


def test_the_files_of_each_statement() -> None:
    assert figures("plt.plot(x)", "plt.show()", "plt.plot(z)")[1] == {1: ("cell_4",), 2: ("cell_4_2",)}


def test_a_cell_without_drawings_has_no_files() -> None:
    assert mark_figures({}, {}, {}) == ((), {})


def test_stages_that_draw_have_folders_of_their_own() -> None:
    changes, _ = mark_figures({4: (0, 1)}, {0: "plt.show()", 1: "plt.show()"}, {4: ""})
    assert [change.text for change in apart(changes, {0: "train", 1: "evaluate"})] == ['save_figures("train/cell_4")', 'save_figures("evaluate/cell_4_2")']


MODEL = Model("m", "model", "library.Ridge", "regressor", (0,))


def predictions(source: str, text: str, *earlier: Call, model: Model | None = MODEL, statement: int = -1, **fields: Any) -> PredictionPlan | None:
    call = Call("score", fields.pop("function", "sklearn.metrics.accuracy_score"), site(source, text), statement=statement, **fields)
    return find_predictions(model, [Trace(0, calls=earlier), Trace(1, calls=(call,))], {0: "pass", 1: source})


MADE = Call("predict", "library.predict", site("p", "p"), receiver="m", result="p's token")
OTHER = Call("predict", "library.predict", site("p", "p"), receiver="other", result="p's token")
GOT = {"arguments": {"0": "y's token", "1": "p's token"}}
NO_ROWS: dict[str, Any] = {
    "no model": ("f(y, p)", (MADE,), GOT | {"model": None}),
    "predictions of another model": ("f(y, p)", (OTHER,), GOT),
    "probabilities": ("f(y, p)", (MADE,), GOT | {"function": "sklearn.metrics.roc_auc_score"}),
    "arguments handed on": ("f(*both)", (MADE,), GOT),
    "inside a helper": ("f(y, p)", (MADE,), GOT | {"statement": 0}),
}


@pytest.mark.parametrize("name", NO_ROWS)
def test_no_rows_to_compare(name: str) -> None:
    source, earlier, fields = NO_ROWS[name]
    assert predictions(source, source, *earlier, **fields) is None


@pytest.mark.parametrize("source", ["for a in b:\n    f(y, p)", "if a:\n    f(y, p)", "s = [f(y, p) for a in b]"])
def test_a_metric_that_is_repeated_names_no_rows(source: str) -> None:
    assert predictions(source, "f(y, p)", MADE, **GOT) is None


ROWS = {
    "by position": ("print(f(y, p))", "f(y, p)", ("y", "p")),
    "by name": ("f(y_pred=p, y_true=y)", "f(y_pred=p, y_true=y)", ("y", "p")),
    "expressions": ("f(y[1:], np.round(p))", "f(y[1:], np.round(p))", ("y[1:]", "np.round(p)")),
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_a_metric(name: str) -> None:
    source, text, expected = ROWS[name]
    found = predictions(source, text, MADE, **GOT)
    assert found is not None and (found.statement, found.truth, found.prediction) == (1, *expected)


def test_arguments_written_the_other_way_round() -> None:
    """`accuracy_score(y_pred, y_test)`: the array that the observer kept is the notebook's, where it saw that too."""
    other = {"arguments": {"0": "p's token", "1": "y's token"}, "predictions": "1.npz"}
    found = predictions("f(p, y)", "f(p, y)", MADE, **other)
    assert found is not None and (found.truth, found.prediction, found.array) == ("y", "p", "1.npz")
    asked = Call("predict", "library.predict", site("p", "p"), receiver="m", result="first")
    scored = Call("score", "sklearn.metrics.accuracy_score", site("f(p, y)", "f(p, y)"), arguments={"0": "made of it", "1": "y"}, predictions="1.npz")
    made = Trace(1, binds=("p",), reads=("raw",), values=(Value("p", "numpy.ndarray", "made of it", ""),))
    traces = [Trace(0, calls=(asked,), binds=("raw",), values=(Value("raw", "numpy.ndarray", "first", ""),)), made, Trace(2, calls=(scored,))]
    found = find_predictions(MODEL, traces, {0: "raw = g(X)", 1: "p = raw > 0", 2: "f(p, y)"})
    assert found is not None and (found.truth, found.prediction, found.array) == ("y", "p", "")


def chained(*steps: tuple[str, str], receiver: str = "m") -> PredictionPlan | None:
    """A prediction, then statements (name bound, name read), then a metric on `p`."""
    asked = Call("predict", "library.predict", site("p", "p"), receiver=receiver, result="first")
    traces = [Trace(0, calls=(asked,), binds=("raw",), values=(Value("raw", "numpy.ndarray", "first", ""),))]
    for number, (name, read) in enumerate(steps, 1):
        traces.append(Trace(number, binds=(name,), reads=(read,), values=(Value(name, "numpy.ndarray", f"{name} of {number}", ""),)))
    scored = Call("score", "sklearn.metrics.accuracy_score", site("f(y, p)", "f(y, p)"), arguments={"0": "y's token", "1": "p's"})
    last = len(traces)
    return find_predictions(MODEL, [*traces, Trace(last, calls=(scored,))], {**dict.fromkeys(range(last), "p = g(raw)"), last: "f(y, p)"})


def test_what_is_made_of_predictions_is_still_the_models() -> None:
    """`y_pred = model.predict(X)`, `y_pred = y_pred > 0.5`, then the metric."""
    assert chained(("half", "raw"), ("p", "half")) == PredictionPlan(2 + 1, "y", "p")
    assert chained(("half", "raw"), ("p", "half"), receiver="other") is None
    found = chained(("p", "raw"), ("p", "something else"))
    assert found is None or found.prediction == "raw", "the name holds something else by then"


def test_rows_of_the_models_own_score() -> None:
    found = predictions("model.score(X, y)", "model.score(X, y)", function="sklearn.base.score", receiver="m", predictions="3.npz")
    assert found == PredictionPlan(1, "y", "model.predict(X)", array="3.npz")
    source, text = "model.score(X, y)", "model.score(X, y)"
    call = Call("score", "sklearn.base.score", site(source, text), receiver="m", predictions="3.npz")
    asked = with_rows(found, MODEL, [Trace(1, calls=(call,))], {1: source})
    assert asked is not None and (asked.rows, asked.model, asked.made_at) == ("X", "model", 1)


def made_by(source: str, between: Trace | None = None, *, kind: str = "classifier") -> tuple[str, str]:
    """What was predicted for and what predicted: `source` predicts, maybe another statement follows, then `f(y, p)`."""
    text = source[source.index("model") :]
    call = Call("predict", "library.Ridge.predict", site(source, text), receiver="m", result="p's token", model=kind)
    score = Call("score", "sklearn.metrics.accuracy_score", site("f(y, p)", "f(y, p)"), **GOT)
    traces = [Trace(0, calls=(call,)), *([between] if between else []), Trace(2, calls=(score,))]
    sources = {0: source, 1: "pass", 2: "f(y, p)"}
    found = with_rows(find_predictions(MODEL, traces, sources), MODEL, traces, sources)
    assert found is not None
    return found.rows, found.model


NOT_AT_HAND = {
    "made anew each time": ("p = model.predict(clean(X))", None),
    "a name that means something else by then": ("p = model.predict(X)", Trace(1, binds=("X",))),
    "changed in place": ("p = model.predict(X)", Trace(1, mutates=("X",))),
    "in a loop": ("for X in parts:\n    p = model.predict(X)", None),
}


@pytest.mark.parametrize("name", NOT_AT_HAND)
def test_rows_that_are_not_at_hand_are_not_kept(name: str) -> None:
    assert made_by(*NOT_AT_HAND[name]) == ("", "")


def test_rows_and_model_of_the_predictions_that_are_scored() -> None:
    assert made_by("p = model.predict(X[columns])") == ("X[columns]", "model")
    assert made_by("p = model.predict(X)", Trace(1, binds=("other",))) == ("X", "model")
    assert made_by("p = model.predict(X)", kind="network") == ("X", "")


def test_insertions_do_not_touch_the_rest() -> None:
    changes, _ = mark_scores([Score("s", 2, site("f(y)", "f(y)"), (2,), (1.0,))], {2: "f(y)"})
    assert changes == (Change(2, 0, 0, 'record("s", '), Change(2, 4, 4, ")"))


NOT_MARKED = {
    "in an f-string of a lambda": "a = lambda y: f'{f(y)}'",
    "in an f-string of a list": "a = [f'{f(y)}' for y in (1,)]",
    "in an f-string behind another statement": "b = 1; print(f'{f(y)}')",
}


@pytest.mark.parametrize("name", NOT_MARKED)
def test_where_no_line_can_stand_before_a_score_is_left_alone(name: str) -> None:
    assert mark_scores([Score("s", 0, site(NOT_MARKED[name], "f(y)"), (0,), (1.0,))], {0: NOT_MARKED[name]}) == ((), ())


def test_without_scores_and_predictions_the_last_data_made_of_the_model_are_the_results() -> None:
    made = [Trace(i, binds=(name,), values=(Value(name, kind, name, "0"),)) for i, (name, kind) in enumerate(RESULTS)]
    sources = {i: f"{name} = f()" for i, (name, _) in enumerate(RESULTS)}
    found = find_predictions(None, made, sources, fitted={1, 2, 3})
    assert (found.statement, found.prediction) == (2, "smooth") if found else False
    assert last_results(dict(enumerate(made)), sources, {1, 2, 3}) == {2}
    assert find_predictions(None, made, sources, fitted=()) is None and last_results(dict(enumerate(made)), sources, ()) == set()


RESULTS = (("df", "pandas.core.frame.DataFrame"), ("raw", "numpy.ndarray"), ("smooth", "pandas.core.series.Series"), ("width", "builtins.int"))
