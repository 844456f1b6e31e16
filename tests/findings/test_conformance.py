"""What holds for every finding."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ferrata.records.observation import Failure
from ferrata.steps.analysing import findings
from ferrata.steps.analysing.findings import RULES, find_all, pages

ROOT = Path(__file__).parents[2]
CLEAN = [
    "import pandas as pd\nnp.random.seed(0)", 'df = pd.read_csv("data/a.csv")', 'X = df.drop(columns=["y"])\ny = df["y"]',
    "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)",
    "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\nX_test = scaler.transform(X_test)",
    "model = RandomForestClassifier(random_state=0)\nmodel.fit(X_train, y_train)", "print(model.score(X_test, y_test))",
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.NAME)
def test_is_documented(rule):
    assert re.fullmatch(r"F[1-4]\d\d", rule.CODE) and re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.NAME)
    assert [part in rule.__doc__ for part in ("\nBad:", "\nGood:", "\nCertain:")] == [True] * 3
    assert rule.__doc__.split("\n")[0].endswith(".")


def test_codes_and_names_are_unique():
    assert len({rule.CODE for rule in RULES}) == len({rule.NAME for rule in RULES}) == len(RULES)


def test_every_file_with_a_code_is_in_the_list():
    written = {path.stem for path in Path(findings.__file__).parent.glob("*.py") if re.search(r"^CODE = ", path.read_text(), re.MULTILINE)}
    assert written == {rule.__name__.rsplit(".", 1)[-1] for rule in RULES}


def test_the_page_is_up_to_date():
    assert (ROOT / "docs" / "findings.md").read_text() == pages.page()


def test_a_clean_notebook_has_no_findings(build):
    context = build(
        CLEAN, seen={"model.score(X_test, y_test)": 0.0}, counts=range(1, 8), outputs={7: "0.8125\n"},
        traces={"print": {"printed": "0.8125\n"}, "np": {"seeds": ("numpy",)}, "model.fit": {"consumes": ("numpy",)}},
        again={"model.score(X_test, y_test)": 0.8125}, scores={"model.score(X_test, y_test)": 0.8125},
    )
    assert find_all(context) == ()


def test_order_is_by_importance_then_cell(build):
    context = build(
        ["x = 1", 'a = pd.read_csv("/kaggle/input/a.csv")', 'b = pd.read_csv("/home/ana/b.csv")', "a.head(b)"], stop=3, counts=(4, 1, 2, 3),
        failure=Failure(3, 4, 1, "KeyError", "'b'"),
    )
    assert [(finding.code, finding.cell) for finding in find_all(context)] == [("F301", 4), ("F402", 2), ("F402", 3), ("F304", 2)]


def test_findings_end_in_sentences(build):
    context = build(
        [*CLEAN[:3], "X = StandardScaler().fit_transform(X)", *CLEAN[3:4], *CLEAN[5:]], counts=(1, 2, 3, 9, 4, 5, 6),
        traces={"model.fit": {"warnings": ("FutureWarning: use b",)}, "df =": {"network": ("example.org:443",)}},
    )
    found = find_all(context)
    assert {finding.code for finding in found} == {"F101", "F304", "F307", "F403"}
    assert all(text and text.rstrip("`")[-1] in ".:)" for finding in found for text in (finding.what, finding.why, finding.todo))
