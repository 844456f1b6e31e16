"""Draws without a seed, scores that differ, saved outputs that don't come out again."""

from __future__ import annotations

import pytest

from ferrata.records.observation import Value
from ferrata.steps.analysing.findings import not_repeatable, saved_output_differs, unseeded_randomness
from ferrata.steps.analysing.findings.saved_text import agree, lines
from ferrata.steps.analysing.findings.witness import witness

SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y)"
FOREST = "model = RandomForestClassifier()\nmodel.fit(X_train, y_train)"
SCORE = "model.score(X_test, y_test)"
DRAW = {"consumes": ("numpy",)}

UNSEEDED = [
    ("seeded before", ["np.random.seed(1)", SPLIT, FOREST, SCORE], {"np": {"seeds": ("numpy",)}, "X_train": DRAW, "model.fit": DRAW}, []),
    ("seeded in the same statement", [SPLIT, FOREST, SCORE], {"X_train": {**DRAW, "seeds": ("numpy",)}}, []),
    ("drew nothing", [SPLIT.replace("y)", "y, random_state=0)"), FOREST.replace("()", "(random_state=0)"), SCORE], {}, []),
    ("drawn for a look only", ["df.sample(5)", SPLIT.replace("y)", "y, random_state=0)"), "model = LogisticRegression()\nmodel.fit(X_train, y_train)", SCORE],
        {"df.sample": DRAW}, []),
    ("another generator was seeded", ["random.seed(1)", SPLIT, FOREST, SCORE], {"random": {"seeds": ("random",)}, "X_train": DRAW, "model.fit": DRAW},
        [(2, "train_test_split(X, y, random_state=0)"), (3, "RandomForestClassifier(random_state=0)")]),
    ("split and forest", [SPLIT, FOREST, SCORE], {"X_train": DRAW, "model.fit": DRAW},
        [(1, "train_test_split(X, y, random_state=0)"), (2, "RandomForestClassifier(random_state=0)")]),
    ("None is no seed", [SPLIT.replace("y)", "y, random_state=None)"), FOREST, SCORE], {"X_train": DRAW}, [(1, "random_state=0")]),
    ("shuffled table", ["df = df.sample(frac=1)", "X = df", SPLIT.replace("y)", "y, random_state=0)"), FOREST, SCORE], {"df =": DRAW},
        [(1, "df.sample(frac=1, random_state=0)")]),
    ("drawn by hand", ["noise = np.random.rand(9)", "X = f(noise)", SPLIT.replace("y)", "y, random_state=0)"), FOREST, SCORE], {"noise": DRAW},
        [(1, "np.random.seed(0)")]),
    ("a network is one finding", ["net = Sequential()", "net.fit(X, y)", "net.evaluate(X, y)"], {"net": {"consumes": ("tensorflow", "numpy")}},
        [(1, "tf.keras.utils.set_random_seed(0)")]),
    ("a network seeded where Keras does not look", ["tf.random.set_seed(5)", "net = Sequential()", "net.fit(X, y)", "net.evaluate(X, y)"],
        {"tf.random": {"seeds": ("tensorflow",)}, "net =": {"consumes": ("random",), "values": (Value("net", "keras.src.models.Sequential", "1", "0"),)}},
        [(2, "keras.utils.set_random_seed(0)")]),
    ("a generator without a seed", ["rng = np.random.default_rng()", "i = rng.permutation(9)", "model = LogisticRegression()\nmodel.fit(X[i], y)", SCORE], {},
        [(1, "default_rng(0)")]),
    ("a library's own names for files", ["import joblib", "model = LogisticRegression()\nmodel.fit(X, y)", SCORE],
        {"import": {"consumes": ("random",)}, "model.fit": {"consumes": ("random",)}}, []),
    ("Python's generator", ["import random\nX = load()", "random.shuffle(X)", "model = LogisticRegression()\nmodel.fit(X, y)", SCORE],
        {"random": {"consumes": ("random",), "mutates": ("X",)}}, [(2, "random.seed(0)")]),
    ("drawn by a library without effect", [SPLIT.replace("y)", "y, random_state=0)"), "model = SVC()\nmodel.fit(X_train, y_train)",
        "cross_val_score(model, X, y)"],
        {"model.fit": DRAW, "cross": DRAW}, []),
    ("inside a pipeline", ["pipe = make_pipeline(StandardScaler(), RandomForestClassifier())", "cross_val_score(pipe, X, y)"], {"cross": DRAW},
        [(1, "RandomForestClassifier(random_state=0)")]),
    ("a generator with a seed", ["rng = np.random.default_rng(7)", "i = rng.permutation(9)", "model = LogisticRegression()\nmodel.fit(X[i], y)",
        SCORE], {}, []),
]


@pytest.mark.parametrize(("cells", "traces", "expected"), [row[1:] for row in UNSEEDED], ids=[row[0] for row in UNSEEDED])
def test_unseeded(build, cells, traces, expected):
    found = sorted(unseeded_randomness.find(build(cells, traces=traces)), key=lambda finding: finding.cell)
    assert [finding.cell for finding in found] == [cell for cell, _ in expected]
    assert [text for finding, (_, text) in zip(found, expected, strict=True) if text not in finding.todo] == []


AGAIN = [
    ("no second run", None, []), ("the same", 0.8, []), ("the score did not run again", {}, []), ("another value", 0.75, ["0.8, then 0.75"]),
]


@pytest.mark.parametrize(("again", "expected"), [row[1:] for row in AGAIN], ids=[row[0] for row in AGAIN])
def test_not_repeatable(build, again, expected):
    second = {SCORE: again} if isinstance(again, float) else again
    found = list(not_repeatable.find(build([SPLIT, FOREST, SCORE], scores={SCORE: 0.8}, again=second)))
    assert len(found) == len(expected)
    assert all(text in finding.what for finding, text in zip(found, expected, strict=True))


SAME = [
    ("as printed", "Accuracy: 0.81", "Accuracy: 0.81"),
    ("fewer digits saved", "0.81", "0.8134"),
    ("more digits saved", "0.81342", "0.81"),
    ("a last bit", "0.8134920634920635", "0.8134920634920634"),
    ("numpy's new text", "0.5", "np.float64(0.5)"),
    ("an address", "<Axes at 0x7f3a2b> 3", "<Axes at 0x11ffa0> 3"),
    ("a duration", "done in 12.3 s, error 0.5", "done in 4.7 s, error 0.5"),
    ("a wall time", "Wall time: 12.3 s", "Wall time: 1.1 s"),
    ("a progress bar", "32/32 [=====] - 1s 5ms/step - loss: 0.4312", "32/32 [=====] - 0s 2ms/step - loss: 0.4312"),
    ("a new progress bar", "32/32 [=====] - 1s 5ms/step - loss: 0.4312", "\x1b[1m32/32\x1b[0m \x1b[32m━━━━━━━━━━━━\x1b[0m - 0s 2ms/step - loss: 0.4312"),
    ("a warning", "FutureWarning: in 0.23 this changes", "FutureWarning: in 1.4 this changes"),
    ("a date", "Date: Tue, 03 Mar 2020 R2 0.5", "Date: Mon, 09 Nov 2026 R2 0.5"),
    ("not a number", "loss: nan", "loss: nan"),
    ("large with commas", "1,234 rows", "1234 rows"),
    ("a list over several lines", "[0.5,\n 0.7,\n 0.9]", "[0.5, 0.7, 0.9]"),
    ("an array of another width", "[[1. 2.]\n [3. 4.]]", "[[1. 2.] [3. 4.]]"),
    ("table that became longer", "1  2\n3  4", "1  2\n5  6\n3  4"),
]


@pytest.mark.parametrize(("saved", "printed"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_nothing_differs(build, saved, printed):
    context = build(["print(f(x))"], outputs={1: saved}, traces={"print": {"printed": printed}})
    assert witness(context.notebook, context.observation).different == ()


OTHER = [
    ("an accuracy", "Accuracy: 0.93", "Accuracy: 0.81", [("Accuracy", "0.93", "0.81")]),
    ("a last digit", "0.85", "0.86", [("", "0.85", "0.86")]),
    ("a count", "rows: 500", "rows: 480", [("rows", "500", "480")]),
    ("a row of a report", "   0       0.91      0.88", "   0       0.91      0.80", [("", "0.88", "0.80")]),
    ("a shape", "(500, 10)", "(480, 10)", [("", "500", "480")]),
    ("scientific", "1.5e-03", "2.5e-03", [("", "1.5e-03", "2.5e-03")]),
    ("became nan", "loss: 0.5", "loss: nan", [("loss", "0.5", "nan")]),
    ("in a list over several lines", "[0.5,\n 0.7]", "[0.5, 0.8]", [("", "0.7", "0.8")]),
    ("a percentage", "acc 81.2%", "acc 79.9%", [("acc", "81.2%", "79.9%")]),
]


@pytest.mark.parametrize(("saved", "printed", "expected"), [row[1:] for row in OTHER], ids=[row[0] for row in OTHER])
def test_a_number_differs(build, saved, printed, expected):
    context = build(["print(f(x))"], outputs={1: saved}, traces={"print": {"printed": printed}})
    assert [(one.name, one.saved, one.obtained) for one in witness(context.notebook, context.observation).different] == expected


def test_witness_counts_and_weighs(build):
    context = build(
        ["df.shape", FOREST, "print(model.score(X_test, y_test))", "df.describe()"], outputs={1: "(500, 10)", 3: "0.93", 4: "mean 3.5"},
        traces={"df.shape": {"displayed": "(500, 10)"}, "print": {"printed": "0.81"}},
    )
    report = witness(context.notebook, context.observation)
    assert (report.matched, report.unseen, [one.depends_on_model for one in report.different]) == (2, 1, [True])
    assert report.agreement == pytest.approx(2 / 13)


def test_nothing_saved_agrees(build):
    context = build(["print(1)"], traces={"print": {"printed": "1"}})
    assert witness(context.notebook, context.observation).agreement == 1.0


@pytest.mark.parametrize(("consumes", "certain"), [((), "sure"), (("numpy",), "likely")])
def test_saved_output_differs(build, consumes, certain):
    context = build([FOREST, "print(model.score(X_test, y_test))"], outputs={2: "Accuracy: 0.93"},
                    traces={"print": {"printed": "Accuracy: 0.81"}, "model.fit": {"consumes": consumes}})
    (finding,) = saved_output_differs.find(context)
    assert (finding.cell, finding.certain) == (2, certain)
    assert "Accuracy 0.93 where a clean run gives 0.81" in finding.what


def test_data_that_differs_is_one_finding(build):
    context = build(["df.shape", "df.size"], outputs={1: "(500, 10)", 2: "5000"},
                    traces={"df.shape": {"displayed": "(480, 10)"}, "df.size": {"displayed": "4800"}})
    (finding,) = saved_output_differs.find(context)
    assert finding.certain == "likely" and "2 saved numbers about the data, in cell 1 and cell 2" in finding.what


def test_figures_keep_what_was_printed():
    (line,) = lines("loss 0.50 in 3 of 1,000")
    assert [(figure.text, figure.value, figure.is_whole) for figure in line.figures] == [("0.50", 0.5, False), ("3", 3.0, True), ("1,000", 1000.0, True)]
    assert agree(line.figures[0], line.figures[0])


CLOCKS = [
    ("a fixed seed", "model = Forest(random_state=3)\nmodel.fit(X, y)", False),
    ("a clock that times", "start = time.time()\nmodel = Forest(random_state=3)\nmodel.fit(X, y)", False),
    ("a seed from the clock", "model = Forest(random_state=time.time_ns() % 100)\nmodel.fit(X, y)", True),
    ("the global seed from the clock", "np.random.seed(int(time.time()))\nmodel = Forest()\nmodel.fit(X, y)", True),
]


@pytest.mark.parametrize(("source", "expected"), [row[1:] for row in CLOCKS], ids=[row[0] for row in CLOCKS])
def test_a_seed_from_the_clock_is_named(build, source, expected):
    context = build([SPLIT.replace("y)", "y, random_state=0)"), source, SCORE], scores={SCORE: 0.8}, again={SCORE: 0.7})
    (found,) = not_repeatable.find(context)
    assert ("Cell 2 takes a seed from the clock" in found.todo) is expected
