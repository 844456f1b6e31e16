"""The page and the object of one adoption, for every outcome."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from ferrata.errors import CodeError, FerrataError
from ferrata.pages.adoption import adopt_page, proof_page
from ferrata.pages.data import no_adoption_data
from ferrata.pages.json import to_json
from ferrata.pages.markdown import to_markdown
from ferrata.pages.refusal import cause_of
from ferrata.pages.terminal import to_text
from ferrata.records.adoption import Adoption, AdoptOutcome, Cause, Served, Timing
from ferrata.records.analysis import Model, Score
from ferrata.records.derivation import PredictProof
from ferrata.records.edit import Edit
from ferrata.records.environment import Environment, Requirement
from ferrata.records.finding import Finding
from ferrata.records.observation import Site
from ferrata.records.plan import DataFile, Plan, PlannedStage
from ferrata.records.proof import Comparison, Level, Proof, RowComparison

ROOT = Path(__file__).parents[2]
PLAN = Plan(
    "churn", "churn", "two", (PlannedStage("prepare", (0,), ("data/churn.csv",), ("data/train.parquet",)), PlannedStage("train", (1,))),
    (), (), (), (), (), questions=(("Which model is the project's?", "forest"),), reasons=("Three stages could not be proved.",),
)  # fmt: skip
PROOF = Proof(
    "the pipeline with the notebook", Level.EQUAL,
    (Comparison("accuracy", 0.875, 0.875, Level.IDENTICAL, 0.0), Comparison("rmse", 12.5, 12.500001, Level.EQUAL, 8e-8, 1e-6)),
    (RowComparison("predictions", 200, 199, Level.EQUAL, (17,)),), (Comparison("X_train", "a", "b", Level.NOT_COMPARABLE, why="it has no equality"),),
)  # fmt: skip
WHOLE = Adoption(
    AdoptOutcome.PROVED, Path("/n/churn.ipynb"), Path("/n/churn"), PLAN, PROOF,
    Environment("today", Path("/e"), Path("/e/python"), "3.11.7", (Requirement("pandas"),), (("pandas", "3.1"),)),
    (Finding("F101", "fitted-before-split", 3, 2, "What.", "Why.", "Do."),), (Edit(4, 2, 1, 0, 5, "a.ix[0]", "a.iloc[0]", "pandas-ix", "gone since 1.0"),),
    (Timing("observe", 12.0), Timing("prove", 8.0)), ("The data was found at data/churn.csv.",),
)  # fmt: skip
CAUSE = Cause("run", "Cell 3 fails: KeyError 'x'", "churn.ipynb, cell 3, line 1", "Restore the column x.", 3, 1, ("pandas of 2021",))
NOTHING = Adoption(AdoptOutcome.NOT_RUN, Path("/n/churn.ipynb"), cause=CAUSE)


def test_nothing_is_called_proved_that_was_not() -> None:
    for outcome in (AdoptOutcome.DIFFERENT, AdoptOutcome.NOT_RUN, AdoptOutcome.REFUSED, AdoptOutcome.PLANNED):
        page = adopt_page(dataclasses.replace(NOTHING, outcome=outcome))
        assert "proved" not in page.title.lower() and page.data["level"] is None and page.data["scores"] == []
        assert page.status == (0 if outcome is AdoptOutcome.PLANNED else 1)


SERVED = {
    "raw": (
        Served("raw", PredictProof(300, 300, 0, "identical", "the author's test set", "identical")),
        "predict.py answers a row as it stands in the data file: 300 rows of the author's test set, 0 differ; probabilities: identical",
    ),
    "prepared": (
        Served("prepared", PredictProof(300, 300, 0, "identical", "the author's test set"), "36 of 300 rows are answered otherwise", 4, 2, "df.rolling(3)"),
        "cell 4, line 2 (`df.rolling(3)`): 36 of 300 rows are answered otherwise.\npredict.py takes rows as the pipeline prepares them: 300 of them, 0 differ.",
    ),
    "none": (
        Served("none", why="its rows come from no data file"),
        "No prediction function for raw rows could be proved: its rows come from no data file.",
    ),
}


@pytest.mark.parametrize("level", SERVED)
def test_what_became_of_the_prediction_function(level: str) -> None:
    served, words = SERVED[level]
    page = adopt_page(dataclasses.replace(WHOLE, served=served))
    assert words.replace("\n", " ") in " ".join(to_text(page).split())
    assert page.data["prediction"]["level"] == level
    assert ("predict.py" in to_text(page)) == (level != "none")


def test_the_page_of_a_proof() -> None:
    text = to_text(adopt_page(WHOLE))
    assert text.startswith("churn.ipynb is a project now: proved, equal\n")
    assert re.search(r"accuracy +0\.875 +0\.875 +0 +✓ identical", text)
    assert re.search(r"rmse +12\.5 +12\.500001 +8e-08 +≈ equal \(bound 1e-06\)", text)
    for words in (
        "predictions: 199 of 200 rows the same; first different rows: 17: ≈ equal", "0 of 1 the same", "? not comparable: it has no equality",
        "prepare → train", "data/churn.csv → data/train.parquet", "a.iloc[0]", "gone since 1.0", "F101 fitted-before-split",
        "Three stages could not be proved.", "Which model is the project's? Taken: forest", "The data was found", "20 s: observe 12 s, prove 8 s",
    ):  # fmt: skip
        assert words in text, words
    assert re.search(r"Next: cd \S*churn && ferrata\n$", text)


def test_a_variable_that_is_equal_says_why() -> None:
    why = "2 paths in it name the same data where the project has it, in data/shapes"
    variables = (Comparison("labels", "d1", "d1", Level.IDENTICAL), Comparison("paths", "d2", "d3", Level.EQUAL, why=why))
    proof = dataclasses.replace(PROOF, variables=variables)
    text = " ".join(to_text(adopt_page(dataclasses.replace(WHOLE, proof=proof))).split())
    assert "2 of 2 the same" in text and f"≈ equal: {why}" in text and "d1" not in text


def test_what_a_stage_takes_and_gives_is_named_as_the_author_would() -> None:
    site, data = Site(1, 0, 1, 9), DataFile("churn.csv", "data/churn.csv", readers=(0,))
    stages = (
        PlannedStage("prepare", (0,), (), ("<random numpy>", "X")), PlannedStage("train", (1,), ("<random numpy>", "X"), ("forest", "y")),
        PlannedStage("look", (2,)),
    )  # fmt: skip
    score = Score("accuracy", 1, site, (1,), (0.9,))
    model = Model("m1", "forest", "RandomForestClassifier", "classifier", (1,))
    plan = dataclasses.replace(PLAN, stages=stages, data=(data,), scores=(score,), model=model, model_stage="train")
    text = to_text(adopt_page(dataclasses.replace(WHOLE, plan=plan)))
    for words in (
        "data/churn.csv → numpy's random state, X", "numpy's random state, X → y, the model forest, scores", "nothing → nothing",
    ):  # fmt: skip
        assert words in text, words


def test_the_page_of_a_notebook_that_does_not_run() -> None:
    text = to_text(adopt_page(NOTHING))
    for words in ("it does not run", "Cell 3 fails: KeyError 'x'", "Where: churn.ipynb, cell 3, line 1", "What to do: Restore", "pandas of 2021"):
        assert words in text
    assert "Next:" not in text


def test_a_proof_without_scores_says_so() -> None:
    page = proof_page(Proof("the pipeline with the notebook", Level.NOT_COMPARABLE))
    assert "There was no score to compare." in to_markdown(page) and "not comparable" in page.title


def test_the_object_of_a_proof() -> None:
    data = json.loads(to_json(adopt_page(WHOLE)))
    assert (data["outcome"], data["level"], data["project"], data["cut"], data["cause"]) == ("proved", "equal", "/n/churn", "two", None)
    assert data["scores"][1] == {"name": "rmse", "expected": 12.5, "obtained": 12.500001, "level": "equal", "difference": 8e-8, "bound": 1e-6, "why": ""}
    assert data["predictions"][0]["same"] == 199 and data["stages"][0]["inputs"] == ["data/churn.csv"]
    assert data["edits"] == [
        {"cell": 2, "line": 1, "before": "a.ix[0]", "after": "a.iloc[0]", "rule": "pandas-ix", "why": "gone since 1.0", "silent": False}
    ]
    assert data["environment"] == {
        "name": "today", "python_version": "3.11.7", "requirements": ["pandas"], "packages": {"pandas": "3.1"}, "exclude_newer": None,
    }
    assert data["timings"] == [{"step": "observe", "seconds": 12.0}, {"step": "prove", "seconds": 8.0}]
    assert data["notes"] == ["Three stages could not be proved.", "The data was found at data/churn.csv."]


@pytest.mark.parametrize("outcome", list(AdoptOutcome))
def test_every_outcome_has_every_key(outcome: AdoptOutcome) -> None:
    keys = set(no_adoption_data(outcome, None))
    for adoption in (WHOLE, NOTHING):
        assert set(adopt_page(dataclasses.replace(adoption, outcome=outcome)).data) == keys


def documented_keys() -> set[str]:
    table = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").split("## The object of `ferrata adopt`")[1].split("\n### ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


def test_the_manual_names_every_key_and_no_other() -> None:
    assert documented_keys() == set(no_adoption_data(AdoptOutcome.PROVED, None))


def test_the_manual_names_every_outcome_kind_and_level() -> None:
    manual = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    kinds = re.findall(r"`([a-z-]+)`", (Cause.__doc__ or "").split("for programs:")[1])
    words = [*(outcome.value for outcome in AdoptOutcome), *(level.value for level in Level), *kinds]
    assert len(kinds) > 8 and [word for word in words if f"`{word}`" not in manual] == []


def every_error(base: type[FerrataError] = FerrataError) -> list[type[FerrataError]]:
    return [base, *(each for sub in base.__subclasses__() for each in every_error(sub))]


@pytest.mark.parametrize("error", every_error(), ids=lambda error: error.__name__)
def test_every_error_has_a_cause_that_programs_can_read(error: type[FerrataError]) -> None:
    made = CodeError("what", cell=3, line=2) if issubclass(error, CodeError) else error("what", where="where", todo="todo")
    cause = cause_of(made)
    assert cause.what == "what" and f"`{cause.kind}`" in (Cause.__doc__ or "")
    assert (cause.cell, cause.line) == ((3, 2) if error is CodeError else (0, 0))
