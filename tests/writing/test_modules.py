"""The modules of a project: they run, give what the notebook gives, and take no name of the author's away."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Write = Callable[..., Any]
PICKLE = ("pickle", ".pkl")
MODEL = """\
class Model:
    \"\"\"The mean of what it saw, and a share of it.\"\"\"

    def __init__(self, share=1.0):
        self.share = share

    def fit(self, rows):
        self.mean = sum(rows) / len(rows)
        return self

    def predict(self, rows):
        return [self.mean * self.share for _ in rows]"""
ERROR = "def error(these, those):\n    return sum(abs(a - b) for a, b in zip(these, those)) / len(these)"
LOAD, MAKE = "raw = list(map(float, '1 2 3 4 10'.split()))", "model = Model(share=0.5)"
FIT, PREDICT, SCORE = "model.fit(raw)", "guess = model.predict(raw)", "mae = error(raw, guess)"
DID: dict[str, dict[str, Any]] = {
    "raw =": {"values": ()},
    "model.fit": {"fit": "model.fit(raw)", "model": "model"},
    "guess =": {"predict": "model.predict(raw)", "model": "model"},
    "mae =": {"score": "error(raw, guess)"},
}


def same(project: Any, *names: str) -> None:
    """The pipeline's scores are the notebook's."""
    author = project.in_one()
    scores = project.run()
    assert {name: scores.get(name) for name in names} == {name: author[name] for name in names}


@pytest.mark.parametrize("level", ["three", "two", "one"])
def test_a_straight_notebook_gives_its_score(written: Write, level: str) -> None:
    project = written(MODEL, ERROR, LOAD, MAKE, FIT, PREDICT, SCORE, did=DID, level=level, format=PICKLE)
    same(project, "mae")


def test_a_class_whose_objects_are_saved_lives_in_an_importable_module(written: Write) -> None:
    project = written(MODEL, ERROR, LOAD, MAKE, FIT, PREDICT, SCORE, did=DID, format=PICKLE)
    assert "class Model" in project.module("functions") and "class Model" not in project.module("train")
    assert "from functions import Model" in project.module("train")
    same(project, "mae")


def test_a_network_is_saved_by_reference_too(written: Write) -> None:
    """Its file names the module of its class: in one stage alone that would be `__main__`."""
    project = written(MODEL, ERROR, LOAD, MAKE, FIT, PREDICT, SCORE, did=DID, level="one", format=("torch_module", ".pth"))
    assert "class Model" in project.module("functions") and "class Model" not in project.module("train")


def test_a_helper_of_one_stage_stays_there(written: Write) -> None:
    project = written(MODEL, ERROR, LOAD, "fix = abs", "raw = [fix(r) for r in raw]", MAKE, FIT, PREDICT, SCORE, did=DID, level="one", format=("json", ".json"),
                      formats={"model": PICKLE})
    assert "class Model" in "".join(project.texts.values())
    same(project, "mae")


def test_comments_and_texts_of_the_author_stay(written: Write) -> None:
    load = 'raw = list(map(float, """1 2\n3 4\n10""".split()))'
    project = written(MODEL, ERROR, f"# The raw numbers,\n# as they came.\n{load}", f"# half of it\n{MAKE}", FIT, PREDICT, SCORE, did=DID, format=PICKLE)
    whole = "".join(project.texts.values())
    assert "# The raw numbers,\n    # as they came.\n" in whole and "# half of it" in whole and '"""1 2\n3 4\n10"""' in whole
    same(project, "mae")


TAKEN = ("params", "parameters", "load", "save", "record", "main", "write_scores", "load_params", "run")


@pytest.mark.parametrize("name", TAKEN)
def test_a_variable_of_the_authors_is_not_taken_away(written: Write, name: str) -> None:
    project = written(MODEL, ERROR, LOAD, f"{name} = sum(raw)", f"raw = [r / {name} for r in raw]", "model = Model(share=0.5)", FIT, PREDICT, SCORE,
                      f"mae2 = error(raw, [{name} for _ in guess])", did=DID | {"mae2 =": {"score": f"error(raw, [{name} for _ in guess])"}}, format=PICKLE)
    same(project, "mae", "mae2")


@pytest.mark.parametrize("name", ["record", "save", "load", "main"])
def test_a_function_of_the_authors_is_not_taken_away(written: Write, name: str) -> None:
    helper = f"def {name}(rows):\n    return [r * 2 for r in rows]"
    project = written(MODEL, ERROR, helper, LOAD, f"raw = {name}(raw)", MAKE, FIT, PREDICT, SCORE, f"mae2 = error({name}(raw), guess)",
                      did=DID | {"mae2 =": {"score": f"error({name}(raw), guess)"}}, format=PICKLE)
    same(project, "mae", "mae2")


def test_a_helper_whose_parameter_is_called_like_a_variable_is_not_nested(written: Write) -> None:
    helper = "def error(raw, guess):\n    return sum(abs(a - b) for a, b in zip(raw, guess)) / len(raw)"
    project = written(MODEL, helper, LOAD, MAKE, FIT, PREDICT, SCORE, did=DID, format=PICKLE)
    assert "\ndef error(" in "".join(project.texts.values())


def test_a_class_with_a_parameter_called_like_a_variable_can_be_saved(written: Write) -> None:
    """`fit(self, X)` beside a variable `X` is what everybody writes."""
    share = "share = 0.25 + 0.25"
    project = written(MODEL, ERROR, LOAD, share, "model = Model(share)", FIT, PREDICT, SCORE, did=DID, format=PICKLE)
    same(project, "mae")


def test_parameters_are_read_from_their_file(written: Write) -> None:
    project = written(MODEL, ERROR, LOAD, MAKE, FIT, PREDICT, SCORE, did=DID, format=PICKLE)
    assert 'share=params["model"]["share"]' in "".join(project.texts.values())
    assert "share: 0.5" in project.texts["params.yaml"]
    before = project.run()["mae"]
    path = project.folder / "params.yaml"
    path.write_text(path.read_text().replace("0.5", "0.75"))
    assert project.run()["mae"] != before


def test_a_constant_that_a_helper_reads_is_one_parameter_for_all(written: Write) -> None:
    helper = "def cut(rows):\n    return [min(r, LIMIT) for r in rows]"
    project = written(MODEL, ERROR, "LIMIT = 3", helper, LOAD, "raw = cut(raw)", MAKE, FIT, PREDICT, "mae = error(cut(raw), guess)",
                      did=DID | {"mae =": {"score": "error(cut(raw), guess)"}}, format=PICKLE)
    assert "limit: 3" in project.texts["params.yaml"]
    same(project, "mae")


def test_a_helper_that_reads_a_variable_is_nested_where_it_can_see_it(written: Write) -> None:
    helper = "def show(m):\n    return error(raw, m.predict(raw))"
    project = written(MODEL, ERROR, LOAD, MAKE, FIT, helper, "mae = show(model)",
                      did=DID | {"mae =": {"score": "show(model)"}}, format=PICKLE)
    same(project, "mae")


ROUNDED = "def short(value):\n    return fmean([value, fabs(value)])"
NAMES_TAKEN = (
    ("a score named as its function", ("from statistics import fmean, median", "fmean = fmean(raw)", "raw = [fmean, *raw]")),
    ("in a loop", ("from statistics import fmean", "for fmean in [fmean(raw)]:\n    raw = [fmean, *raw]")),
    ("an import that a helper needs too", ("from math import fabs\nfrom statistics import fmean", ROUNDED, "raw = [short(r) for r in raw]",
                                           "fmean = fmean(raw)", "raw = [fmean, *raw]")),
)


@pytest.mark.parametrize("level", ["three", "one"])
@pytest.mark.parametrize(("name", "cells"), NAMES_TAKEN, ids=[case[0] for case in NAMES_TAKEN])
def test_a_name_of_an_import_may_be_given_another_value(written: Write, name: str, cells: tuple[str, ...], level: str) -> None:
    """In a function the name is then a local one from the start."""
    project = written(MODEL, ERROR, LOAD, *cells, MAKE, FIT, PREDICT, SCORE, did=DID, level=level, format=PICKLE)
    assert any("\n    from statistics import fmean" in text for text in project.texts.values())
    same(project, "mae")


def test_an_import_whose_name_stays_is_at_the_top(written: Write) -> None:
    cells = ("from statistics import fmean", "raw = [fmean(raw), *raw]")
    project = written(MODEL, ERROR, LOAD, *cells, MAKE, FIT, PREDICT, SCORE, did=DID, level="one", format=PICKLE)
    assert "\nfrom statistics import fmean" in project.module("train")
    same(project, "mae")


def test_a_helper_that_changes_a_global_runs_at_module_level(written: Write) -> None:
    helper = "def count(rows):\n    global seen\n    seen = len(rows)"
    project = written(MODEL, ERROR, LOAD, "seen = 0.0", helper, "count(raw)", "raw = [r / seen for r in raw]", MAKE, FIT, PREDICT, SCORE,
                      did=DID | {"count(": {"binds": ("seen",), "reads": ("count", "raw")}}, level="one", format=PICKLE)
    assert "global seen" in "".join(project.texts.values())
    same(project, "mae")


def test_await_at_the_top_level_makes_an_asynchronous_main(written: Write) -> None:
    fetch = "import asyncio\nasync def fetch():\n    await asyncio.sleep(0)\n    return [1.0, 2.0, 4.0]"
    project = written(MODEL, ERROR, fetch, "raw = await fetch()", MAKE, FIT, PREDICT, SCORE, did=DID, format=PICKLE)
    assert any("async def main" in text and "asyncio.run(main())" in text for text in project.texts.values())
    assert project.run()["mae"] == pytest.approx(sum(abs(r - 7 / 6) for r in (1, 2, 4)) / 3)


def test_a_long_stage_is_cut_into_functions_and_gives_the_same(written: Write) -> None:
    steps = "\n".join(f"raw = [r + {number} for r in raw]" for number in range(20))
    more = "\n".join(f"raw = [r * {number} for r in raw]" for number in range(1, 20))
    headings = {3: "Load it", 4: "Scale it"}
    project = written(MODEL, ERROR, f"{LOAD}\n{steps}", more, MAKE, FIT, PREDICT, SCORE, did=DID, headings=headings, level="one", format=PICKLE)
    assert "def load_it(" in project.module("train") or "def scale_it(" in project.module("train")
    same(project, "mae")


def test_random_state_crosses_with_the_data(written: Write) -> None:
    seed, draw = "import random\nrandom.seed(3)", "raw = [random.random() for _ in range(5)]"
    fit = "model.fit(random.sample(raw, 3))"
    did = DID | {"random.seed": {"seeds": ("random",)}, "raw =": {"consumes": ("random",)},
                 "model.fit": {"fit": fit, "model": "model", "consumes": ("random",)}}
    project = written(MODEL, ERROR, seed, draw, MAKE, fit, PREDICT, SCORE, did=did, format=PICKLE)
    same(project, "mae")


def test_what_nobody_seeded_starts_from_the_seed_of_the_run(written: Write) -> None:
    draw = "import random\nraw = [random.random() for _ in range(5)]"
    project = written(MODEL, ERROR, draw, MAKE, FIT, PREDICT, SCORE, did=DID | {"raw =": {"consumes": ("random",)}}, format=PICKLE)
    assert "seed: 0" in project.texts["params.yaml"]
    assert project.run() == project.run()


def test_a_loop_records_every_value(written: Write) -> None:
    loop = "errors = []\nfor half in (0.5, 1.0):\n    model = Model(half).fit(raw)\n    errors.append(error(raw, model.predict(raw)))"
    did = DID | {"for half": {"fit": "Model(half).fit(raw)", "score": "error(raw, model.predict(raw))", "model": "model"}}
    project = written(MODEL, ERROR, LOAD, loop, did=did, level="one", format=PICKLE)
    assert [list(values.values()) for values in project.run().values()] == [project.in_one()["errors"]]


def test_a_score_in_an_f_string_takes_no_variable_of_the_authors(written: Write) -> None:
    did = DID | {"print(f": {"score": "error(raw, guess)"}, "mae2 =": {"score": "error(guess, [accuracy for _ in raw])"}}
    project = written(MODEL, ERROR, LOAD, "accuracy = max(raw)", MAKE, FIT, PREDICT, "print(f'{error(raw, guess):.2f}')",
                      "mae2 = error(guess, [accuracy for _ in raw])", did=did, level="one", format=PICKLE)
    same(project, "mae2")


def test_what_falls_away_is_not_written(written: Write) -> None:
    project = written(MODEL, ERROR, "import os\nimport json", LOAD, "print(json.dumps(raw))", MAKE, FIT, PREDICT, SCORE, did=DID, format=PICKLE)
    author = "".join(text for path, text in project.texts.items() if path.endswith(("prepare.py", "train.py", "evaluate.py")))
    assert "json.dumps" not in author and "import json" not in author and "import os" not in author
    same(project, "mae")


@pytest.mark.parametrize("name", ["shop", "model", "evaluation"])
def test_the_projects_own_test_passes_whatever_it_is_called(written: Write, name: str) -> None:
    project = written(MODEL, ERROR, LOAD, MAKE, FIT, PREDICT, SCORE, did=DID, format=PICKLE, project=name)
    scores = [{"name": key, "obtained": value} for key, value in project.run().items()]
    (project.folder / "evidence").mkdir()
    (project.folder / "evidence/adopt.json").write_text(json.dumps({"level": "identical", "scores": scores}), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_pipeline.py"]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]


def test_the_readme_names_every_command_and_score(written: Write) -> None:
    project = written(MODEL, ERROR, LOAD, MAKE, FIT, PREDICT, SCORE, did=DID, format=PICKLE)
    text = project.texts["README.md"]
    assert all(f"uv run python src/shop/{stage}.py" in text for stage in project.stages) and "| mae |" in text


def test_what_the_notebook_defined_is_trusted_where_it_lives_now(written: Write) -> None:
    from ferrata.steps.writing.write import write

    project = written(MODEL, ERROR, LOAD, MAKE, FIT, PREDICT, SCORE, did=DID, format=("skops", ".skops"))
    texts = write(project.material, trusted=("__main__.Model", "sklearn.tree._tree.Tree")).texts
    trusted = next(line for line in texts["src/shop/artifacts.py"].splitlines() if line.startswith("TRUSTED"))
    assert trusted == 'TRUSTED = ["functions.Model", "sklearn.tree._tree.Tree"]'


def test_a_drawing_that_is_needed_for_its_data_keeps_its_figure_and_is_written_where_it_was_shown(written: Write) -> None:
    """The loop draws, and what it binds is read later; the window would stop the pipeline."""
    look = "plt.figure(figsize=(3, 3))\nfor row in raw:\n    plt.plot([row])\nplt.show()"
    did = {**DID, "for row": {"draws": True, "values": ()}, "plt.figure": {"state": ("pyplot",)}, "last =": {"values": ()}}
    project = written(
        "import matplotlib.pyplot as plt", ERROR, MODEL, LOAD, look, "last = [row, *raw]", f"{MAKE}\n{FIT.replace('raw', 'last')}",
        f"{PREDICT}\n{SCORE}", did={**did, "model.fit": {"fit": "model.fit(last)", "model": "model"}}, format=PICKLE,
    )
    text = "\n".join(source for path, source in project.texts.items() if path.endswith(("prepare.py", "train.py", "evaluate.py")))
    assert text.count("plt.figure(figsize=(3, 3))") == 1 and text.count("save_figures(") >= 1
    assert "plt.show()" not in text
    assert text.index("plt.figure") < text.index("plt.plot") < text.index("save_figures(\"")
