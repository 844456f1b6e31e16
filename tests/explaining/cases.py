"""The planted causes: first pairs without a difference, then one cause in each, then two."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable

from tests.explaining.planted import Case, Place
from tests.explaining.samples import churn, orders, signal, visits, weather, words

from ferrata.steps.explaining.trials import SHIMS

Plant = Callable[[Place], None]


def edits(*changes: tuple[str, str, str]) -> Plant:
    def plant(place: Place) -> None:
        for path, old, new in changes:
            place.change(path, old, new)

    return plant


def both(*plants: Plant) -> Plant:
    def plant(place: Place) -> None:
        for each in plants:
            each(place)

    return plant


def lines(path: str, change: Callable[[list[str]], list[str]]) -> Plant:
    """The rows below the header of a table."""

    def plant(place: Place) -> None:
        head, *rows = place.read(path).split("\n")[:-1]
        place.write(path, "\n".join([head, *change(rows)]) + "\n")

    return plant


def cell(path: str, row: int, column: int, value: str) -> Plant:
    def change(rows: list[str]) -> list[str]:
        cells = rows[row].split(",")
        cells[column] = value
        return [*rows[:row], ",".join(cells), *rows[row + 1 :]]

    return lines(path, change)


def column(path: str, number: int, change: Callable[[str], str]) -> Plant:
    def of_row(row: str) -> str:
        cells = row.split(",")
        cells[number] = change(cells[number])
        return ",".join(cells)

    return lines(path, lambda rows: [of_row(row) for row in rows])


def in_bytes(path: str, change: Callable[[bytes], bytes]) -> Plant:
    return lambda place: place.write(path, change((place.folder / path).read_bytes()))


def new_file(path: str, text: str) -> Plant:
    return lambda place: place.write(path, text)


def removed(path: str) -> Plant:
    return lambda place: (place.folder / path).unlink()


def first_text(place: Place) -> str:
    return min(path.name for path in (place.folder / "data/texts").iterdir())


def listed(place: Place) -> None:
    """The first run was on a file system that gives names backwards (its stage had a shim that does so, see `_BACKWARDS`)."""
    (record,) = (place.folder / ".ferrata/runs").glob("*.json")
    content = json.loads(record.read_text())
    content["listings"] = {folder: sorted(order, reverse=True) for folder, order in content["listings"].items()}
    record.write_text(json.dumps(content))


_CELLS = (
    'import csv\ntable = list(csv.DictReader(open("data/orders.csv")))',
    'import sys\nsys.path.insert(0, "src")\nfrom orders import in_euro, is_order\neuros = [in_euro(row, 0.92) for row in table if is_order(row)]\n'
    'names = [row["customer"] for row in table if is_order(row)]',
    "euros = [euro * 0.999**number for number, euro in enumerate(euros)]",
    'sums = {name: 0.0 for name in names}\nfor name, euro in zip(names, euros):\n    sums[name] += euro\nprint(f"mean: {sum(sums.values()) / len(sums):.4f}")',
)


def notebook(*counts: int, again: int = 0) -> Plant:
    """Cells with these execution counts, and the output that running them so gives; `again` is the count of a run of the third cell before its last."""

    def plant(place: Place) -> None:
        order = sorted([*zip(counts, _CELLS, strict=True), *([(again, _CELLS[2])] if again else [])])
        script = "\n".join(source for _, source in order)
        printed = subprocess.run([sys.executable, "-c", script], cwd=place.folder, check=True, capture_output=True, text=True).stdout
        output = {"output_type": "stream", "name": "stdout", "text": printed}
        cells = [{"cell_type": "code", "source": source, "execution_count": count, "metadata": {}, "outputs": [output] if source is _CELLS[3] else []}
                 for count, source in zip(counts, _CELLS, strict=True)]  # fmt: skip
        place.write("notebooks/orders.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))

    return plant


def stale(place: Place) -> None:
    place.write("metrics.json", '{"rmse": 0.5, "rows": 50}')


_reformatted = edits(
    ("src/orders.py", "def in_euro(row, rate):", "# Rates are those of the first day.\ndef to_euro(row,\n            rate):"),
    ("src/prepare.py", "from orders import in_euro, is_order", "from orders import is_order, to_euro"),
    ("src/prepare.py", "in_euro(row", "to_euro(row"),
)
_BACKWARDS = {"PYTHONPATH": str(SHIMS), "FERRATA_TRIAL": '{"order": "reversed"}'}
_SET = "list({word for word in counts})"
_OTHER = """import runpy

runpy.run_path("src/prepare.py")
lines = open("ready.csv").read().splitlines()
open("ready.csv", "w").write("\\n".join(lines[:40]) + "\\n")
"""
_SQUARED = """if params.get("square"):
    by_customer = {name: value**2 for name, value in by_customer.items()}
mean = sum"""
_innocent = both(_reformatted, edits(("src/total.py", "import json", "import json\nimport math"), ("params.yaml", "most: 1000", "most: 2000")))

SAME = (
    Case("nothing changed", orders, outcome="same"),
    Case("layout, comments and names", orders, _reformatted, outcome="same"),
    Case("a README and a test more", weather, both(new_file("README.md", "new\n"), new_file("tests/test_x.py", "x = 1\n")), outcome="same"),
    Case("quotes and an unused import", churn, edits(("src/train.py", '"table.csv"', "'table.csv'")), outcome="same"),
    Case("another time zone that nobody reads", orders, outcome="same", before={"TZ": "UTC"}, after={"TZ": "Asia/Tokyo"}),
    Case("threads that nobody uses", visits, outcome="same", before={"OMP_NUM_THREADS": "1"}, after={"OMP_NUM_THREADS": "2"}),
)

ONE = (
    # parameters
    Case("the rate, among innocent changes", orders, both(_innocent, edits(("params.yaml", "rate: 0.92", "rate: 0.95"))), (("parameter", "prepare.rate"),)),
    Case("the seed of the split", weather, edits(("params.yaml", "seed: 0", "seed: 5")), (("parameter", "split.seed"),)),
    Case("a parameter of the last stage", weather, edits(("params.yaml", "ridge: 0.1", "ridge: 50.0")), (("parameter", "fit.ridge"),)),
    Case("a number of neighbours", churn, edits(("params.yaml", "neighbours: 9", "neighbours: 3")), (("parameter", "train.neighbours"),)),
    Case("a key that is new", visits, edits(("params.yaml", "  to: 6", "  to: 7\n  named: late")), (("parameter", "night.to"),)),
    Case("a float that becomes a whole number", orders, edits(("params.yaml", "fading: 0.999", "fading: 1")), (("parameter", "total.fading"),)),
    # code
    Case("an edited helper", orders, edits(("src/orders.py", "> 0", "> 20")), (("code", "src/orders.py, line 6"),)),
    Case("one statement of three that changed", weather,
         edits(("src/fit.py", "columns**2", "columns**3"), ("src/fit.py", "train, test = np", "import os\ntrain, test = np"),
               ("src/split.py", "held = int(", "held = round(")),
         (("code", "src/fit.py, line 12"),)),
    Case("a random state taken out", churn, edits(("src/train.py", "RandomState(0)", "RandomState()")), (("code", "src/train.py"),)),
    Case("a seed taken out of the generator", weather, edits(("src/split.py", 'default_rng(params["seed"])', "default_rng()")), (("code", "src/split.py"),)),
    Case("a row is dropped in the code", churn, edits(("src/prepare.py", "table = table.drop_duplicates()", "table = table.iloc[5:]")),
         (("code", "src/prepare.py"),)),
    Case("a helper moved to a file of its own, and changed", orders,
         both(new_file("src/rates.py", "FEE = 1.5\n"), edits(("src/orders.py", '"""What counts', 'from rates import FEE\n\n"""What counts'),
                                                              ("src/orders.py", "* (rate if", "- FEE * (rate if"))),
         (("code", "src/"),)),
    Case("an uncommitted file", orders, edits(("src/total.py", 'weight * float', '2 * float')), (("code", "src/total.py"),)),
    Case("a command of dvc.yaml", orders, both(new_file("src/other.py", _OTHER), edits(("dvc.yaml", "python src/prepare.py", "python src/other.py"))),
         (("pipeline", "prepare"),)),
    Case("a constant in a module", orders, edits(("src/orders.py", '== "USD"', '!= "EUR "')), (("code", "src/orders.py, line 10"),)),
    Case("a condition turned round, beside a renamed variable", visits,
         edits(("hours.py", "hours[moment.hour]", "hours[(moment.hour + 1) % 24]"), ("hours.py", "import locale\n", "")), (("code", "hours.py, line 1"),)),
    # data
    Case("one row edited", orders, cell("data/orders.csv", 17, 3, "19999.99"), (("data", "column amount, 1 row edited (18)"),)),
    Case("one row of many edits", orders, both(column("data/orders.csv", 1, lambda text: text + " "), cell("data/orders.csv", 40, 3, "9999.99")),
         (("data", "column amount"),)),
    Case("rows in another order", orders, lines("data/orders.csv", lambda rows: rows[::-1]), (("data", "order of the rows"),)),
    Case("rows left out", weather, lines("data/weather.csv", lambda rows: [*rows[:20], *rows[31:]]), (("data", "only there"),)),
    Case("rows more", weather, lines("data/weather.csv", lambda rows: [*rows, *rows[:15]]), (("data", "only here"),)),
    Case("a column of another type", churn, column("data/customers.csv", 2, lambda text: f"{text}.0" if text == "1" else "one" if text == "2" else text),
         (("data", "column plan"),)),
    Case("columns in another order", churn,
         lambda place: place.write("data/customers.csv", "".join(",".join([*row.split(",")[::-1][1:], row.split(",")[-1]]) + "\n"
                                                                  for row in place.read("data/customers.csv").splitlines())),
         (("data", "columns"),)),
    Case("a column more", churn, lambda place: place.write("data/customers.csv", "".join(
        f"{row[: row.rindex(',')]},{'region' if not number else number * 7919 % 5}{row[row.rindex(','):]}\n"
        for number, row in enumerate(place.read("data/customers.csv").splitlines()))), (("data", "columns"),)),
    Case("a column whose decimal point was lost", weather, column("data/weather.csv", 2, lambda text: text.replace(".", "")), (("data", "column wind"),)),
    Case("a text gone", words, lambda place: (place.folder / "data/texts" / first_text(place)).unlink(), (("data", "data/texts/"),)),
    Case("CRLF, which a reader takes into the last column", weather,
         in_bytes("data/weather.csv", lambda content: content.replace(b"\n", b"\r\n")), (("data", "how it is written"),),
         prepare=edits(("src/split.py", 'table = np.loadtxt("data/weather.csv", delimiter=",", skiprows=1)',
                        'rows = open("data/weather.csv", "rb").read().split(b"\\n")[1:-1]\n'
                        'table = np.array([[float(cell) + cell.endswith(b"\\r") for cell in row.split(b",")] for row in rows])'))),
    Case("another encoding", orders, lambda place: place.write("data/orders.csv", place.read("data/orders.csv").encode("utf-8-sig")),
         (("data", "how it is written"),), prepare=edits(("src/orders.py", 'return row["state"]', 'return "order" not in row or row["state"]'))),
    Case("a text more in the folder", words, new_file("data/texts/999999.txt", "a boat by the sea " * 9), (("data", "data/texts/999999.txt"),)),
    Case("a text changed", words, lambda place: place.write(f"data/texts/{first_text(place)}", "grey sea " * 20), (("data", "data/texts/"),)),
    # variables, threads, listings, hashes
    Case("a variable that a stage names", words, after={"MODE": "long"}, causes=(("variable", "MODE"),)),
    Case("the time zone", visits, causes=(("variable", "TZ"),), before={"TZ": "UTC"}, after={"TZ": "Asia/Tokyo"}),
    Case("threads", signal, causes=(("threads", "threads"),), before={"OMP_NUM_THREADS": "1"}, after={"OMP_NUM_THREADS": "2"}),
    Case("the hash seed, where a stage names it", functools.partial(words, vocabulary=_SET), causes=(("variable", "PYTHONHASHSEED"),),
         prepare=edits(("dvc.yaml", "    metrics:", "    meta: {env: [PYTHONHASHSEED]}\n    metrics:")),
         before={"PYTHONHASHSEED": "1"}, after={"PYTHONHASHSEED": "2"}),
    Case("the order of names in a folder", functools.partial(words, names="os.listdir(folder)"), listed, (("listing", "data/texts"),),
         prepare=edits(("dvc.yaml", "env: [MODE]", "env: [MODE], pass_env: [PYTHONPATH, FERRATA_TRIAL]")), before=_BACKWARDS),
    Case("the order of a set", functools.partial(words, vocabulary=_SET), causes=(("randomness", "src/rank.py, line 7"),), outcome="noise"),
    Case("random numbers without a seed", functools.partial(words, vocabulary="random.sample(sorted(counts), len(counts))"),
         causes=(("randomness", "src/rank.py, line 7"),), outcome="noise"),
    Case("the clock", functools.partial(words, vocabulary="random.Random(datetime.datetime.now().microsecond).sample(sorted(counts), len(counts))"),
         causes=(("randomness", "src/rank.py, line 7"),), outcome="noise"),
    # the notebook
    Case("a cell run twice", orders, notebook(1, 2, 4, 5, again=3), (("cells", "cell 3 run twice"),), ask="notebooks/orders.ipynb"),
    Case("cells run in another order", orders, notebook(1, 2, 4, 3), (("cells", "order 1, 2, 4, 3"),), ask="notebooks/orders.ipynb"),
    # results
    Case("a stale result", weather, both(edits(("params.yaml", "held_out: 0.25", "held_out: 0.25")), stale), (("stale", ""),), outcome="stale"),
)

TWO = (
    Case("a rate and a row", orders, both(edits(("params.yaml", "rate: 0.92", "rate: 0.95")), cell("data/orders.csv", 17, 3, "19999.99")),
         (("parameter", "prepare.rate"), ("data", "column amount"))),
    Case("a seed and a helper", weather, both(edits(("params.yaml", "seed: 0", "seed: 5"), ("src/fit.py", "columns**2", "columns**3"))),
         (("parameter", "split.seed"), ("code", "src/fit.py"))),
    Case("two statements", orders, edits(("src/orders.py", "> 0", "> 20"), ("src/total.py", "weight * float", "2 * float")),
         (("code", "src/orders.py"), ("code", "src/total.py"))),
    Case("two that act only together", orders, edits(("params.yaml", "fading: 0.999", "fading: 0.999\n  square: true"),
                                                     ("src/total.py", "mean = sum", _SQUARED)),
         (("parameter", "total.square"), ("code", "src/total.py"))),
    Case("the time zone and a parameter", visits, edits(("params.yaml", "to: 6", "to: 9")), (("variable", "TZ"), ("parameter", "night.to")),
         before={"TZ": "UTC"}, after={"TZ": "Asia/Tokyo"}),
    Case("rows and a number of neighbours", churn, both(lines("data/customers.csv", lambda rows: rows[:200]),
                                                            edits(("params.yaml", "neighbours: 9", "neighbours: 3"))),
         (("data", "only there"), ("parameter", "train.neighbours"))),
)

_SCALARS = both(
    edits(("src/fit.py", "inputs = features(train)", "inputs = features(train)\nscale = np.float32(0.1) * 0.7")),
    edits(("src/fit.py", 'params["ridge"] * np.eye', "float(scale) * 1e3 * np.eye")),
)
_CHAINED = edits(("src/prepare.py", "table = table.drop_duplicates()", 'table["calls"][table["age"] > 50] = 0'))
_CLUSTERS = edits(
    ("src/train.py", "import yaml", "import yaml\nfrom sklearn.cluster import KMeans"),
    ("src/train.py", "weights = ", "inputs = np.column_stack([inputs, KMeans(7, random_state=3).fit_predict(inputs)])\nweights = "),
)
VERSIONS = (
    Case("NumPy 1.26, whose scalars are wider", weather, causes=(("package", "numpy"),), prepare=_SCALARS, packages=(("numpy==1.26.4",), ("numpy==2.2.6",))),
    Case("NumPy 1.26, among innocent packages", weather, causes=(("package", "numpy"),), prepare=_SCALARS,
         packages=(("numpy==1.26.4", "joblib==1.4.2", "threadpoolctl==3.5.0"), ("numpy==2.2.6", "joblib==1.5.2", "threadpoolctl==3.6.0"))),
    Case("pandas 3, which copies on write", churn, causes=(("package", "pandas"),), prepare=_CHAINED, packages=(("pandas==3.0.0",), ("pandas==2.3.3",))),
    Case("scikit-learn 1.3, which begins ten times", churn, causes=(("package", "scikit-learn"),), prepare=_CLUSTERS,
         packages=(("scikit-learn==1.3.2", "numpy==1.26.4"), ("scikit-learn==1.7.2", "numpy==1.26.4"))),
    Case("other versions that change nothing", churn, outcome="same", packages=(("joblib==1.4.2",), ("joblib==1.5.2",))),
)

ALL = (*SAME, *ONE, *TWO, *VERSIONS)
QUICK = (SAME[0], SAME[1], ONE[0], ONE[14], ONE[16], ONE[25], TWO[3])
