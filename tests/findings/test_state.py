"""Order of cells, names, paths, secrets, programs and what a run left behind."""

from __future__ import annotations

import pytest

from ferrata.records.edit import Edit
from ferrata.records.notebook import Magic
from ferrata.records.observation import Failure
from ferrata.steps.analysing.findings import (
    absolute_path,
    accuracy_on_imbalanced,
    dead_code,
    deprecated_call,
    failing_cell,
    hidden_state,
    index_as_feature,
    network,
    out_of_order,
    secrets,
    shell_step,
    target_in_features,
    used_before_definition,
)

ORDER = [
    ("in order", (1, 2, 3), []), ("gaps", (3, 7, 9), []), ("not run", (None, None, None), []), ("one not run", (1, None, 3), []),
    ("one above run later", (1, 7, 3), [3]), ("twice", (5, 4, 3), [2]),
]


@pytest.mark.parametrize(("counts", "expected"), [row[1:] for row in ORDER], ids=[row[0] for row in ORDER])
def test_out_of_order(build, counts, expected):
    assert [finding.cell for finding in out_of_order.find(build(["a = 1", "b = a", "b"], counts=counts))] == expected


NAMES = [
    ("all bound above", ["x = 1", "print(x)"], 0, [], []),
    ("builtins and the kernel's", ["print(len(str(_)))", "display(get_ipython())"], 0, [], []),
    ("a function used before its globals", ["def f():\n    return late", "late = 1", "f()"], 0, [], []),
    ("a loop's own name", ["print([i for i in range(3)])"], 0, [], []),
    ("a star import", ["from math import *", "print(sqrt(2))"], 0, [], []),
    ("asked for first", ["try:\n    x\nexcept NameError:\n    x = 1", "x"], 0, [], []),
    ("ran well however it came", ["print(x)"], None, [], []),
    ("never bound", ["print(x_scaled)"], 0, [], [1]),
    ("bound below", ["print(x)", "x = 1"], 0, [1], []),
]


@pytest.mark.parametrize(("cells", "stop", "before", "hidden"), [row[1:] for row in NAMES], ids=[row[0] for row in NAMES])
def test_names(build, cells, stop, before, hidden):
    context = build(cells, stop=stop)
    assert [finding.cell for finding in used_before_definition.find(context)] == before
    assert [finding.cell for finding in hidden_state.find(context)] == hidden


def test_an_observed_name_error_is_sure(build):
    context = build(["a = 1", "print(b)"], stop=1, failure=Failure(1, 2, 1, "NameError", "name 'b' is not defined"))
    assert [(finding.cell, finding.certain) for finding in hidden_state.find(context)] == [(2, "sure")]


def test_failing_cell(build):
    assert not list(failing_cell.find(build(["a = 1"])))
    context = build(["a = 1", 'b = 2\n\ndf["x"]', "a", "a"], stop=2, failure=Failure(2, 2, 1, "KeyError", "'x'"))
    (finding,) = failing_cell.find(context)
    assert (finding.cell, finding.line, finding.why) == (2, 3, "The 2 cells below it don't run.")
    assert "KeyError: 'x'" in finding.what and 'df["x"]' in finding.what
    stars = Failure(0, 1, 1, "LookupError", "\n" + "*" * 70 + "\n  Resource stopwords not found.\n" + "*" * 70)
    assert "`LookupError: Resource stopwords not found.`" in next(iter(failing_cell.find(build(["a", "b"], stop=0, failure=stars)))).what


KEY = "Zk3v9Qm2Lp8Xr5Tn"
SECRETS = [
    ("from the environment", 'api_key = os.environ["API_KEY"]', []),
    ("a placeholder", 'api_key = "YOUR_API_KEY"', []),
    ("a placeholder with digits", 'token = "your-token-here-123"', []),
    ("stars", 'password = "********"', []),
    ("a plain word", 'password = "password"', []),
    ("a sentence", 'token = "the first word of a line"', []),
    ("a tokenizer", 'token = "<start>"\npad_token = "[PAD]"', []),
    ("a column", 'df["token"] = "unknown"', []),
    ("a key of AWS' own documentation", 'key = "AKIAIOSFODNN7EXAMPLE"', []),
    ("a url", 'url = "https://example.org:8080/a"', []),
    ("a hash", 'sha = "9f86d081884c7d659a2feaa0c55ad015"', []),
    ("skewed words", 'name = "sk-learn-based-classification-of-things-and-more"', []),
    ("an AWS key", f'key = "AKIA{KEY.upper()}"', ["sure"]),
    ("a GitHub token", f'auth("ghp_{KEY}{KEY}9a8B7c")', ["sure"]),
    ("an OpenAI key", f'openai.api_key = "sk-{KEY}{KEY}4f"', ["sure"]),
    ("a Hugging Face token", f'login("hf_{KEY}{KEY}")', ["sure"]),
    ("a Google key", f'key = "AIza{KEY}{KEY}a1b"', ["sure"]),
    ("a private key", 'pem = "-----BEGIN RSA PRIVATE KEY-----"', ["sure"]),
    ("a database address", 'engine("postgresql://ana:s3cretPw@db.example.org/x")', ["sure"]),
    ("a password", 'password = "Sommer2019!"', ["likely"]),
    ("a named key", f'connect(api_key="{KEY}")', ["likely"]),
    ("in a dict", f'd = {{"secret_key": "{KEY}"}}', ["likely"]),
]


@pytest.mark.parametrize(("source", "expected"), [row[1:] for row in SECRETS], ids=[row[0] for row in SECRETS])
def test_secrets(build, source, expected):
    found = list(secrets.find(build([source])))
    assert [finding.certain for finding in found] == expected
    assert not any(KEY in finding.what or "Sommer2019" in finding.what or "s3cretPw" in finding.what for finding in found)


def test_a_secret_in_an_output(build):
    (finding,) = secrets.find(build(["show()"], outputs={1: f"token is hf_{KEY}{KEY}"}))
    assert finding.cell == 1 and "saved output" in finding.what


PATHS = [
    ("relative", 'open("data/a.csv")', []), ("an address", 'open("https://a.org/home/x.csv")', []), ("temporary", 'open("/tmp/a.csv")', []),
    ("a format", 'x = "%d:\\\\n"', []), ("a label", 'plt.title("C: the third class")', []), ("in prose", '"""See /home/ana/readme."""', []),
    ("mounting", 'drive.mount("/content/drive")', []), ("a ratio", 'x = "a/b"', []),
    ("Windows", 'pd.read_csv("D:/work/a.csv")', ["D:/work/a.csv"]), ("Windows, raw", 'pd.read_csv(r"C:\\Users\\ana\\a.csv")', ["C:\\Users\\ana\\a.csv"]),
    ("home", 'pd.read_csv("/home/ana/a.csv")', ["/home/ana/a.csv"]), ("Kaggle", 'path = "/kaggle/input/a/b.csv"', ["/kaggle/input/a/b.csv"]),
    ("Colab", 'pd.read_csv("/content/drive/MyDrive/a.csv")', ["/content/drive/MyDrive/a.csv"]),
]


@pytest.mark.parametrize(("source", "expected"), [row[1:] for row in PATHS], ids=[row[0] for row in PATHS])
def test_absolute_path(build, source, expected):
    assert [finding.what.split("`")[1] for finding in absolute_path.find(build([source]))] == expected


def test_a_replaced_path_says_by_what(build):
    edit = Edit(0, 1, 1, 12, 25, '"/home/ana/a.csv"', '"data/a.csv"', "data-path", "it is beside the notebook")
    (finding,) = absolute_path.find(build(['pd.read_csv("/home/ana/a.csv")'], edits=(edit,)))
    assert '"data/a.csv"' in finding.todo


DEAD = [
    ("read below", ["a = f(1)", "print(a)"], {}, []),
    ("shown", ["a = f(1)"], {"a": {"printed": "1"}}, []),
    ("draws", ["ax = df.plot()"], {"ax": {"draws": True}}, []),
    ("an import", ["import os"], {}, []),
    ("used in a function that is never called", ["a = f(1)", "def g():\n    return a"], {}, []),
    ("a setting", ["old = set_option(1)"], {"old": {"state": ("pandas.options",)}}, []),
    ("a score kept in a name", ["acc = accuracy_score(y, p)"], {}, []),
    ("never read", ["a = f(1)", "b = 2", "print(b)"], {}, [1]),
    ("bound again before it is read", ["a = f(1)", "a = f(2)", "print(a)"], {}, [1]),
]


@pytest.mark.parametrize(("cells", "traces", "expected"), [row[1:] for row in DEAD], ids=[row[0] for row in DEAD])
def test_dead_code(build, cells, traces, expected):
    assert [finding.cell for finding in dead_code.find(build(cells, traces=traces))] == expected


def test_deprecated_call_once_a_message(build):
    texts = ("UserWarning: look", "FutureWarning: 'M' is deprecated, use 'ME'")
    (finding,) = deprecated_call.find(build(["f()", "f()"], traces={"f": {"warnings": texts}}))
    assert finding.cell == 1 and "FutureWarning: 'M' is deprecated, use 'ME'." in finding.what


def test_network(build):
    assert not list(network.find(build(["f()"], traces={"f": {"network": ("127.0.0.1:8888",)}})))
    (finding,) = network.find(build(["f()", "f()"], traces={"f": {"network": ("example.org:443",)}}))
    assert finding.cell == 1 and "example.org:443" in finding.what


def test_shell_step(build):
    magics = [Magic(1, 1, "shell", "ls", "!ls", "nothing"), Magic(2, 1, "shell", "sed", "!sed -i s/a/b/ a.csv", "script")]
    assert [(finding.cell, "sed" in finding.what) for finding in shell_step.find(build(["a = 1", "b = 1"], magics=magics))] == [(2, True)]


XY = 'X = df[cols]\ny = df["price"]'
SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y)"
COLUMNS = [
    ("features only", ["a", "b"], [], []), ("the target", ["a", "price"], ["F104"], []), ("a row number", ["Unnamed: 0", "a"], [], ["`Unnamed: 0`"]),
    ("an identifier", ["PassengerId", "a"], [], ["`PassengerId`"]), ("words with id in them", ["Width", "humidity", "paid", "Age_id_x"], [], []),
]


@pytest.mark.parametrize(("columns", "target", "index"), [row[1:] for row in COLUMNS], ids=[row[0] for row in COLUMNS])
def test_columns(build, columns, target, index):
    context = build([XY, SPLIT], summaries={"X": {"columns": columns}, "y": {"name": "price"}})
    assert [finding.code for finding in target_in_features.find(context)] == target
    assert [finding.what.split(" ")[0] if "Unnamed" not in finding.what else "`Unnamed: 0`" for finding in index_as_feature.find(context)] == index


FIT = "model = LogisticRegression()\nmodel.fit(X_train, y_train)"
JUDGED = [
    ("balanced", ["accuracy_score(y_test, p)"], "price\n0    55\n1    45\n", 0), ("counts not shown", ["accuracy_score(y_test, p)"], "", 0),
    ("another score too", ["accuracy_score(y_test, p)", "f1_score(y_test, p)"], "0    90\n1    10", 0),
    ("a confusion matrix too", ["accuracy_score(y_test, p)", "confusion_matrix(y_test, p)"], "0    90\n1    10", 0),
    ("alone", ["accuracy_score(y_test, p)"], "price\n0    90\n1    10\nName: count, dtype: int64", 1),
]


@pytest.mark.parametrize(("scores", "shown", "count"), [row[1:] for row in JUDGED], ids=[row[0] for row in JUDGED])
def test_accuracy_on_imbalanced(build, scores, shown, count):
    context = build([XY, 'df["price"].value_counts()', SPLIT, FIT, *scores], traces={"df[": {"displayed": shown}})
    found = list(accuracy_on_imbalanced.find(context))
    assert len(found) == count and all("90%" in finding.what for finding in found)
