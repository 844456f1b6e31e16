"""Lambdas that a model keeps, as functions with a name."""

from __future__ import annotations

import pytest
from tests import by_hand

from ferrata.steps.name_lambdas import name_lambdas

IMPORTS = "import numpy as np\nfrom sklearn.preprocessing import FunctionTransformer\nfrom sklearn.compose import TransformedTargetRegressor"
# Statements that stay as they are: nothing keeps the lambda, or it needs what only the running notebook has.
UNTOUCHED = {
    "given to apply": "df['a'] = df['a'].apply(lambda x: x + 1)",
    "it needs a variable": "mean = df['a'].mean()\nt = FunctionTransformer(lambda x: x - mean)",
    "in a function": "def made(power):\n    return FunctionTransformer(lambda x: x ** power)",
    "in a comprehension": "ts = [FunctionTransformer(lambda x: x ** n) for n in range(3)]",
    "a name that nothing keeps": "double = lambda x: 2 * x",
    "a name that is bound again": "power = 2\npower = 3\nt = FunctionTransformer(lambda x: x ** power)",
    "several lines": "t = FunctionTransformer(lambda x:\n    x + 1)",
}


@pytest.mark.parametrize("name", UNTOUCHED)
def test_what_stays(name: str) -> None:
    notebook = by_hand.code(IMPORTS, UNTOUCHED[name]).notebook
    assert name_lambdas(notebook) == (notebook, ())


NAMED = (
    ("t = FunctionTransformer(lambda x: np.log1p(x))", ["def apply_log1p(x):\n    return np.log1p(x)", "t = FunctionTransformer(apply_log1p)"]),
    ("log = lambda x, base=2: np.log(x) / base\nt = FunctionTransformer(log)", [
        "def log(x, base=2):\n    return np.log(x) / base", "t = FunctionTransformer(log)",
    ]),
    ("RATE = 0.5\nm = TransformedTargetRegressor(func=lambda y: y * RATE, inverse_func=lambda y: y / RATE)", [
        "RATE = 0.5", "def apply_function(y):\n    return y * RATE", "def apply_function_2(y):\n    return y / RATE",
        "m = TransformedTargetRegressor(func=apply_function, inverse_func=apply_function_2)",
    ]),
    ("apply_sqrt = 3\nt = FunctionTransformer(func=lambda x: np.sqrt(x))  # skewed", [
        "apply_sqrt = 3", "def apply_sqrt_2(x):\n    return np.sqrt(x)", "t = FunctionTransformer(func=apply_sqrt_2)  # skewed",
    ]),
)


@pytest.mark.parametrize(("cell", "statements"), NAMED)
def test_what_gets_a_name(cell: str, statements: list[str]) -> None:
    notebook, named = name_lambdas(by_hand.code(IMPORTS, cell, "print(t)").notebook)
    assert [each.source for each in notebook.cells[1].statements] == statements
    assert [statement.index for statement in notebook.statements] == list(range(len(notebook.statements)))
    assert named and all(f"`{each.name}`" in each.told and each.told.startswith("cell 2: `lambda ") for each in named)
