"""The fast forms of estimators answer, and refuse, as scikit-learn does to the last bit; a form that does not is not used."""

from __future__ import annotations

import json
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.serving.conftest import write_service


@pytest.fixture(scope="module")
def project(make: Callable[[str], Path]) -> Path:
    folder = make("regression")
    write_service(folder)
    return folder


def test_fast_forms_are_their_estimators(project: Path, pipeline_python: Path) -> None:
    script = Path(__file__).with_name("fast_forms.py")
    done = subprocess.run([pipeline_python, script, project / "service"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert len(found) > 150
    assert {name: what for name, what in found.items() if what} == {}


PROGRAM = """
    import sys
    sys.path.insert(0, {project!r})
    import dataclasses, json
    from pathlib import Path
    import numpy as np, pandas as pd
    from sklearn.linear_model import LinearRegression
    from service import fast

    @dataclasses.dataclass(frozen=True)
    class State:
        model: object
        words: list

    class Contract:
        rows = staticmethod(pd.DataFrame)

    model = LinearRegression().fit(pd.DataFrame({{"a": [1.0, 2.0, 3.0]}}), [2.0, 4.1, 6.2])
    state = State(model, ["left alone"])
    Path("model").mkdir()

    def predict(rows, state):
        return [{{"prediction": float(value)}} for value in state.model.predict(rows)]

    def tried():
        found, names = fast.proved(state, predict, Contract, Path())
        return [names, found.words == state.words, type(found.model).__name__]

    results = {{"without proof rows": tried()}}
    Path("model/proof_rows.jsonl").write_text("".join(json.dumps({{"input": {{"a": float(a)}}, "output": {{}}}}) + chr(10) for a in range(1000)))
    results["with them"] = tried()
    results["rows that are asked"] = len(fast.proof_records(Path()))
    fast.Linear.predict = lambda self, rows: np.full(len(rows), 1.0)
    results["another answer"] = tried()
    fast.Linear.predict = lambda self, rows: 1 / 0
    results["an error"] = tried()
    print(json.dumps(results))
"""


def test_a_form_that_answers_otherwise_is_not_used(project: Path, pipeline_python: Path, tmp_path: Path) -> None:
    program = textwrap.dedent(PROGRAM.format(project=str(project)))
    done = subprocess.run([pipeline_python, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    plain, quick = [[], True, "LinearRegression"], [["LinearRegression"], True, "Linear"]
    found = json.loads(done.stdout)
    assert 256 <= found.pop("rows that are asked") < 512
    assert found == {"without proof rows": plain, "with them": quick, "another answer": plain, "an error": plain}
