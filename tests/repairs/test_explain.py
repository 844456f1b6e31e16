# ruff: noqa: E501
"""One sentence for every class of failure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.repairs.conftest import TODAY, environment_of, notebook_of

from ferrata.records.notebook import BrokenCell, Output
from ferrata.records.observation import Failure
from ferrata.steps.repairs import explain

NOTEBOOK = notebook_of("import pandas as pd", "model.fit(X)", "model = make()\ny = 1")

CASES = {
    "foreign file": ("FileNotFoundError: [Errno 2] No such file or directory: 'D:\\\\data\\\\a.csv'", "Cell 2 reads D:\\\\data\\\\a.csv (a Windows path of another machine), and there is no such file"),
    "kaggle file": ("FileNotFoundError: [Errno 2] No such file or directory: '/kaggle/input/x/train.csv'", "Cell 2 reads /kaggle/input/x/train.csv (a path of Kaggle), and there is no such file"),
    "colab": ("ModuleNotFoundError: No module named 'google.colab'", "Cell 2 imports google.colab, which exists only on Colab"),
    "missing package": ("ModuleNotFoundError: No module named 'plotnine'", "Cell 2 imports plotnine, which is neither installed nor a file beside the notebook"),
    "removed module": ("ModuleNotFoundError: No module named 'sklearn.cross_validation'", "Cell 2 imports sklearn.cross_validation, which scikit-learn 0.20 removed"),
    "removed data set": ("ImportError: \n`load_boston` has been removed from scikit-learn since version 1.2.\n\nThe Boston housing", "Cell 2 uses `load_boston`, which scikit-learn removed in 1.2"),
    "removed function": ("ImportError: cannot import name 'plot_roc_curve' from 'sklearn.metrics' (/x.py)", "Cell 2 uses `sklearn.metrics.plot_roc_curve`, which scikit-learn 1.2 removed"),
    "unknown function": ("ImportError: cannot import name 'TabularExplainer' from 'interpret.ext.blackbox' (/x.py)", "Cell 2 uses `TabularExplainer` of interpret.ext.blackbox, which interpret.ext.blackbox does not have"),
    "removed method": ("AttributeError: 'DataFrame' object has no attribute 'lookup'", "Cell 2 uses `lookup` of DataFrame, which pandas 3.1.1 does not have"),
    "removed argument": ("TypeError: LGBMClassifier.fit() got an unexpected keyword argument 'early_stopping_rounds'", "Cell 2 gives LGBMClassifier.fit the argument `early_stopping_rounds`, which the installed version does not take"),
    "network": ("URLError: <urlopen error [Errno -3] Temporary failure in name resolution>", "Cell 2 fetches something from the network and got no answer"),
    "nltk": ("LookupError: \n****\n  Resource \x1b[93mstopwords\x1b[0m not found.\n  Please use the NLTK Downloader: nltk", "Cell 2 needs NLTK's data \"stopwords\", which is not on this machine"),
    "later": ("NameError: name 'model' is not defined", "Cell 2 uses `model`, which is only defined later, in cell 3"),
    "never": ("NameError: name 'other' is not defined", "Cell 2 uses `other`, which no cell defines (the cell that did was deleted, perhaps)"),
    "no import": ("NameError: name 'np' is not defined", "Cell 2 uses `np`, which no cell imports"),
    "python 2": ("NameError: name 'xrange' is not defined", "Cell 2 is written for Python 2: `xrange` is range in Python 3"),
    "input": ("EOFError: EOF when reading a line", "Cell 2 waits for somebody to type an answer"),
    "memory": ("MemoryError: Unable to allocate 93.1 GiB for an array", "Cell 2 needs more memory than there is: Unable to allocate 93.1 GiB for an array"),
    "killed": ("Killed: signal 9", "Cell 2 was running when the process was killed, most likely because memory ran out (signal 9)"),
    "timeout": ("Timeout: 300 s", "Cell 2 was not done when the time was up (300 s)"),
    "column": ("KeyError: 'Age'", "Cell 2 asks for the column or key `Age`, which is not there"),
    "columns": ("KeyError: \"['a', 'b'] not in index\"", "Cell 2 asks for the columns or key `a`, `b`, which are not there"),
    "nan": ("ValueError: Input X contains NaN.\nLogisticRegression does not accept", "Cell 2 gives a model a table with missing values, which it refuses"),
    "text in numbers": ("ValueError: could not convert string to float: 'male'", "Cell 2 computes with a column that holds text: could not convert string to float: 'male'"),
    "encoding": ("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9", "Cell 2 reads its file as UTF-8, and it is in another encoding"),
    "graphics card": ("RuntimeError: Found no NVIDIA driver on your system.", "Cell 2 asks for an NVIDIA graphics card, and this machine has none"),
    "assertion": ("AssertionError: ", "Cell 2 asserts something that is not so"),
    "anything else": ("ZeroDivisionError: division by zero", "Cell 2 fails with ZeroDivisionError: division by zero"),
}  # fmt: skip


def failure_of(message: str) -> Failure:
    kind, _, text = message.partition(": ")
    return Failure(1, 2, 1, kind, text)


@pytest.mark.parametrize(("message", "what"), CASES.values(), ids=CASES)
def test_cause(message: str, what: str) -> None:
    cause = explain(failure_of(message), NOTEBOOK, environment_of(TODAY))
    assert (cause.what, cause.where, cause.cell, cause.kind) == (what, "cell 2, line 1", 2, "run")
    assert cause.todo.endswith(".")


def test_it_says_that_the_saved_output_is_the_same_error() -> None:
    cells = tuple(replace(cell, outputs=(Output("error", "ZeroDivisionError: division by zero"),)) for cell in NOTEBOOK.cells)
    cause = explain(failure_of("ZeroDivisionError: division by zero"), replace(NOTEBOOK, cells=cells), environment_of(TODAY))
    assert cause.what.endswith("(it failed in the same way when the notebook was saved)")


def test_a_broken_cell_may_have_defined_the_name() -> None:
    notebook = replace(NOTEBOOK, broken=(BrokenCell(1, 1, "prose", "prose"),))
    cause = explain(failure_of("NameError: name 'other' is not defined"), notebook, environment_of(TODAY))
    assert "cell 1 is no Python and was left out" in cause.what


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("a,b\n<<<<<<< HEAD\n1,2\n=======\n", "holds the marks of a Git merge conflict"),
        ("version https://git-lfs.github.com/spec/v1\n", "is only a pointer of Git LFS, not the data"),
        ("<!DOCTYPE html><html>", "is a web page, not the data"),
        ("", "is empty"),
    ],
    ids=["conflict", "pointer", "web page", "empty"],
)
def test_damaged_file(tmp_path: Path, content: str, what: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    notebook = replace(notebook_of("df = read('data/a.csv')", "df['x']"), path=tmp_path / "n.ipynb")
    assert what in explain(failure_of("KeyError: 'x'"), notebook, environment_of(TODAY)).what


def test_sound_file_is_not_blamed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    notebook = replace(notebook_of("df = read('a.csv')", "df['x']"), path=tmp_path / "n.ipynb")
    assert "asks for the column" in explain(failure_of("KeyError: 'x'"), notebook, environment_of(TODAY)).what


def test_scratch_folders_are_not_shown(tmp_path: Path) -> None:
    environment = replace(environment_of(TODAY), folder=tmp_path / "environments" / "today")
    name = f"{tmp_path}/run-1/data/a.csv"
    failure = Failure(1, 2, 1, "FileNotFoundError", f"[Errno 2] No such file or directory: '{name}'", filename=name)
    assert explain(failure, NOTEBOOK, environment).what == "Cell 2 reads data/a.csv, and there is no such file"
