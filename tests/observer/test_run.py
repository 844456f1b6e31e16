"""One run: what is recorded about each statement, and that the run behaves as a notebook does."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

SHARED = ["a = [1]", "b = a", "c = {'inner': a}", "d = list(a)"]

MUTATIONS = {
    "reading changes nothing": ("len(a), sorted(a), a + [2]", []),
    "a copy is another object": ("d.append(2)", ["d"]),
    "append, with every alias": ("a.append(2)", ["a", "b", "c"]),
    "through an alias": ("b[0] = 5", ["a", "b", "c"]),
    "through a container": ("c['inner'].clear()", ["a", "b", "c"]),
    "of the container only": ("c['x'] = 1", ["c"]),
    "by a builtin": ("setattr(a, '__doc__', 1) if False else a.sort(reverse=True)", []),
    "by a loop variable": ("for x in [a]:\n    x.append(1)", ["a", "b", "c"]),
    "put back": ("a.append(1); a.pop()", []),
}


@pytest.mark.parametrize(("source", "expected"), MUTATIONS.values(), ids=MUTATIONS)
def test_mutates(observer: Any, source: str, expected: list[str]) -> None:
    seen = observer(SHARED, source)
    assert seen.status == 0
    assert seen[4]["mutates"] == expected


RUNS = {
    "a rebound name": (["x = 1", "x = 2"], {"binds": ["x"], "mutates": []}),
    "bound to the same object again": (["x = [1]", "x = x"], {"binds": ["x"], "reads": ["x"]}),
    "a branch that does not run binds nothing": (
        ["x = 1", "if not x:\n    x = 2\n    y = 3"],
        {"binds": [], "reads": ["x"]},
    ),
    "deleted": (["x = 1", "del x"], {"deletes": ["x"], "binds": []}),
    "deleted by a function": (["x = 1\ndef f():\n    global x\n    del x", "f()"], {"deletes": ["x"]}),
    "a helper's globals are read": (
        ["k = 2", "def f(x):\n    return x * k", "r = f(3)"],
        {"reads": ["f", "k"], "binds": ["r"]},
    ),
    "through two helpers": (
        ["k = 2", "def f():\n    return k", "def g():\n    return f()", "g()"],
        {"reads": ["f", "g", "k"]},
    ),
    "a definition reads nothing": (["k = 2", "def f():\n    return k"], {"reads": [], "binds": ["f"]}),
    "a method's globals": (
        ["k = 2", "class A:\n    def f(self):\n        return k", "a = A()", "a.f()"],
        {"reads": ["a", "k"]},
    ),
    "in a partial": (
        ["import functools", "k = 2", "def f(x):\n    return k", "p = functools.partial(f, 1)", "p()"],
        {"reads": ["k", "p"]},
    ),
    "in a list of lambdas": (["k = 2", "fs = [lambda: k]", "fs[0]()"], {"reads": ["fs", "k"]}),
    "global in a function": (
        ["n = 1", "def f():\n    global n\n    n = n + 1", "f()"],
        {"binds": ["n"], "reads": ["f", "n"], "mutates": []},
    ),
    "an attribute of an instance": (["class A: pass", "a = A()", "a.x = 1"], {"mutates": ["a"], "reads": ["a"]}),
    "an attribute of a class": (["class A:\n    n = 0", "A.n = 1"], {"mutates": ["A"]}),
    "an iterator moves on": (["it = iter([1, 2])", "next(it)"], {"mutates": ["it"]}),
    "a set": (["s = {1}", "s.add(2)"], {"mutates": ["s"]}),
    "nested in a closure": (
        [
            "def make():\n    held = []\n    def add(x):\n        held.append(x)\n    return add",
            "add = make()",
            "add(1)",
        ],
        {"mutates": ["add"]},
    ),
    "comprehension names stay inside": (["xs = [1]", "ys = [x for x in xs]"], {"binds": ["ys"], "reads": ["xs"]}),
    "random numbers": (["import random", "random.random()"], {"consumes": ["random"], "seeds": []}),
    "a seed": (["import random", "random.seed(1)"], {"consumes": [], "seeds": ["random"]}),
    "a seed and a draw": (["import random", "random.seed(1); random.random()"], {"consumes": [], "seeds": ["random"]}),
    "a draw and a seed": (
        ["import random", "random.random(); random.seed(1)"],
        {"consumes": ["random"], "seeds": ["random"]},
    ),
    "the same seed again": (["import random; random.seed(1)", "random.seed(1)"], {"consumes": [], "seeds": ["random"]}),
    "an own generator is a value": (
        ["import random; r = random.Random(1)", "r.random()"],
        {"consumes": [], "mutates": ["r"]},
    ),
    "the working folder": (["import os; os.mkdir('sub')", "os.chdir('sub')"], {"state": ["cwd"]}),
    "an environment variable": (["import os", "os.environ['A'] = 'b'"], {"state": ["environ"]}),
    "warning filters": (["import warnings", "warnings.filterwarnings('ignore')"], {"state": ["warnings"]}),
    "a written file": (
        ["x = 1", "with open('a.txt', 'w') as f:\n    f.write('1')"],
        {"files_written": ["a.txt"], "files_read": []},
    ),
    "a read file": (
        ["open('a.txt', 'w').close()", "open('a.txt').read()"],
        {"files_read": ["a.txt"], "files_written": []},
    ),
    "a listed folder": (["import os", "os.listdir('.')"], {"files_read": ["./"]}),
    "a file that a forked process reads": (
        ["import os", "open('a.txt', 'w').close()", "os.waitpid(os.fork() or (open('a.txt').read(), os._exit(0)), 0)"],
        {"files_read": ["a.txt"]},
    ),
    "files that a list names": (
        ["open('a.txt', 'w').close()", "names = ['a.txt', 'b.txt']", "len(names)"],
        {"files_read": [], "files_named": ["a.txt"], "paths_named": []},
    ),
    "a file that a text names": (
        ["open('a.txt', 'w').close()", "name = 'a.txt'", "len(name)"],
        {"files_read": [], "files_named": [], "paths_named": ["a.txt"]},
    ),
    "a name that is bound to something else": (
        ["open('a.txt', 'w').close()", "name = 'a.txt'", "name = 'b'", "len(name)"],
        {"files_named": [], "paths_named": []},
    ),
    "printed and displayed": (["x = 1", "print('hello'); x"], {"printed": "hello\n", "displayed": "1"}),
    "nothing displayed for None": (["x = None", "x"], {"displayed": ""}),
    "a warning": (["import warnings", "warnings.warn('careful')"], {"warnings": ["UserWarning: careful"]}),
}


@pytest.mark.parametrize(("statements", "expected"), RUNS.values(), ids=RUNS)
def test_statement(observer: Any, statements: list[str], expected: dict[str, Any]) -> None:
    seen = observer(statements)
    assert seen.status == 0, seen.error
    last = seen.statements[-1]
    assert {name: last[name] for name in expected} == expected


def test_tokens_tell_aliases_and_generations(observer: Any) -> None:
    seen = observer("a = [1]", "b = a", "c = [1]", "for i in range(3):\n    a = [i]")
    tokens = [seen.value(0, "a"), seen.value(1, "b"), seen.value(2, "c"), seen.value(3, "a")]
    assert tokens[0]["token"] == tokens[1]["token"]
    assert len({value["token"] for value in tokens[1:]}) == 3
    assert tokens[0]["fingerprint"] == tokens[2]["fingerprint"] != tokens[3]["fingerprint"]


def test_only_the_last_expression_of_a_cell_is_displayed(observer: Any) -> None:
    seen = observer(["1 + 1", "2 + 2"], "_ + 1", "x = 5")
    assert [statement["displayed"] for statement in seen.statements] == ["", "4", "5", ""]
    assert seen[1]["numbers"] == [{"site": [1, 0, 1, 5], "value": 4, "role": "displayed", "name": "", "statement": -1}]


def test_numbers_inside_functions_say_whose_text_they_are_in(observer: Any) -> None:
    seen = observer("def f(x):\n    y = abs(x)\n    return y", "f(-3)")
    number = seen[1]["numbers"][0]
    assert (number["value"], number["site"], number["statement"]) == (3, [2, 8, 2, 14], 0)


def test_classes_can_be_pickled_and_source_found(observer: Any) -> None:
    seen = observer(
        "import pickle, inspect",
        "class A:\n    pass",
        "b = pickle.loads(pickle.dumps(A()))",
        ["x = 1", "def f():\n    # note\n    return 1"],
        "inspect.getsource(f)",
        "__name__",
    )
    assert seen.status == 0
    assert "# note" in seen[5]["displayed"]
    assert seen[6]["displayed"] == "'__main__'"


def test_the_observer_hides_its_folder_and_modules(observer: Any) -> None:
    source = "import sys; [p for p in sys.path if 'observer' in p], sys.argv[0]"
    shadowed = (
        "import importlib.util\nfor m in ['names', 'files', 'run', 'calls']:\n    print(importlib.util.find_spec(m))"
    )
    seen = observer(source, shadowed)
    assert seen[0]["displayed"] == "([], 'ipykernel_launcher.py')"
    assert seen[1]["printed"] == "None\n" * 4


def test_future_imports_last(observer: Any) -> None:
    seen = observer("from __future__ import annotations", "def f(x: Undefined) -> Missing:\n    return 1", "f(1)")
    assert seen[2]["displayed"] == "1"


def test_top_level_await(observer: Any) -> None:
    seen = observer("import asyncio", "x = await asyncio.sleep(0, 3)", "async def f():\n    return x", "await f()")
    assert (seen.status, seen[3]["displayed"]) == (0, "3")


def test_input_takes_the_answers_and_then_says_that_there_is_none(observer: Any) -> None:
    seen = observer("name = input('who? ')", "again = input('more? ')", answers=["Ada"])
    assert seen[0]["printed"] == "who? Ada\n"
    assert seen.value(0, "name")["summary"]["value"] == "Ada"
    assert (seen.error["type"], seen.error["index"]) == ("EOFError", 1)
    assert "more?" in seen.error["message"]


def test_display_and_get_ipython(observer: Any) -> None:
    seen = observer(["display(1, 'a')", "get_ipython().run_line_magic('matplotlib', 'inline')"])
    assert (seen.status, seen[0]["displayed"]) == (0, "1\n'a'")


FAILURES = {
    "at its own line": (["x = 1", "y = (1 +\n     undefined)"], ("NameError", 1, 2)),
    "in a helper of another cell": (["def f(x):\n\n    return 1 / x", "a = 1\nf(0)"], ("ZeroDivisionError", 1, 2)),
    "in the running function": (["def f(x):\n    return x\nf(1)\nraise KeyError('k')"], ("KeyError", 0, 4)),
    "in a library": (["import json", "json.loads(\n'{')"], ("JSONDecodeError", 1, 1)),
    "syntax only today's Python minds": (["x = 1", "return 3"], ("SyntaxError", 1, 1)),
    "exit": (["import sys", "sys.exit(3)"], ("SystemExit", 1, 1)),
}


@pytest.mark.parametrize(("cells", "expected"), FAILURES.values(), ids=FAILURES)
def test_the_first_failing_statement_stops_the_run(
    observer: Any, cells: list[str], expected: tuple[str, int, int]
) -> None:
    seen = observer(*cells, "never = 1")
    error = seen.error
    assert seen.status == 1
    assert (error["type"], error["index"], error["line"]) == expected
    assert error["cell"] == expected[1] + 1
    assert "_ferrata_observer" not in error["traceback"] and "ferrata/observer" not in error["traceback"]
    assert [event["event"] for event in seen.events][-3:] == ["statement", "error", "end"]
    assert seen.statements[-1]["complete"] is False


def test_a_missing_file_is_named(observer: Any) -> None:
    assert observer("open('data/train.csv')").error["filename"] == "data/train.csv"


def test_files_outside_the_copy_are_safe(observer: Any, tmp_path: Path) -> None:
    precious = tmp_path / "precious" / "data.csv"
    precious.parent.mkdir()
    precious.write_text("1")
    for source in (
        f"open({str(precious)!r}, 'w')",
        f"open({str(precious)!r}, 'a')",
        f"import os; os.open({str(precious)!r}, os.O_RDWR)",
        f"import os; os.remove({str(precious)!r})",
        f"import os; os.rename({str(precious)!r}, 'x')",
        f"import os; open('new', 'w').close(); os.replace('new', {str(precious)!r})",
        f"import os; os.truncate({str(precious)!r}, 0)",
        f"import shutil; shutil.rmtree({str(precious.parent)!r})",
        f"import os; os.symlink({str(precious)!r}, 'link'); open('link', 'w')",
    ):
        error = observer(source).error
        assert error is not None and error["type"] == "PermissionError", source
        assert "author's files safe" in error["message"]
        assert precious.read_text() == "1"
    assert observer(f"open({str(precious)!r}).read()").status == 0


def test_a_seed_makes_an_unseeded_run_repeat_and_leaves_a_seeded_one_alone(observer: Any) -> None:
    free = ["import random", "random.random()"]
    assert (
        observer(free, seed=1)[1]["displayed"]
        == observer(free, seed=1)[1]["displayed"]
        != observer(free, seed=2)[1]["displayed"]
    )
    seeded = ["import random", "random.seed(5); random.random()"]
    assert observer(seeded, seed=1)[1]["displayed"] == observer(seeded)[1]["displayed"]


@pytest.mark.parametrize("observe", [True, False])
def test_an_import_that_draws_shifts_no_seeded_numbers(observer: Any, observe: bool) -> None:
    """A project imports everything first and seeds then."""
    library = "import pathlib\npathlib.Path('greedy.py').write_text('import random\\nrandom.random()')"
    draw = "print(random.random())"
    greedy = observer(library, ["import random", "import greedy"], draw, seed=1, observe=observe)
    assert greedy.statements[-1]["printed"] == observer("import random", draw, seed=1).statements[-1]["printed"]
    assert not observe or not greedy[2]["consumes"]


def test_an_import_does_not_undo_the_authors_own_drawing(observer: Any) -> None:
    cells = ["import random, pathlib\npathlib.Path('quiet.py').write_text('')", "print(random.random())"]
    seen = observer(*cells, "import quiet", "print(random.random())", seed=1)
    assert seen[1]["printed"] != seen[3]["printed"]
    with_seed = observer("import random", "random.seed(7)", "import json", "print(random.random())", seed=1)
    assert with_seed[3]["printed"] == observer("import random", "random.seed(7); print(random.random())")[1]["printed"]


def test_plain_runs_do_the_same_without_watching(observer: Any) -> None:
    cells = ["x = [3, 1]", "x.sort()", "print(x)\nx"]
    plain, watched = observer(*cells, observe=False), observer(*cells)
    for left, right in zip(plain.statements, watched.statements, strict=True):
        assert (left["printed"], left["displayed"]) == (right["printed"], right["displayed"])
    assert "reads" not in plain[0]


def test_a_killed_process_leaves_what_had_ended(observer: Any, tmp_path: Path) -> None:
    root = tmp_path / "killed"
    (root / "work").mkdir(parents=True)
    (root / "job.json").write_text(
        json.dumps(observer.job(root, ["x = 1", "import time", "time.sleep(60)"])), encoding="utf-8"
    )
    import ferrata.observer

    process = subprocess.Popen(
        [sys.executable, str(Path(ferrata.observer.__file__).parent), str(root / "job.json")], env={"HOME": str(root)}
    )
    trace, deadline = root / "trace.jsonl", time.monotonic() + 30
    while time.monotonic() < deadline and not (
        trace.exists() and '"started", "index": 2' in trace.read_text(encoding="utf-8")
    ):
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kinds = [
        (event["event"], event.get("index"))
        for event in map(json.loads, trace.read_text(encoding="utf-8").splitlines())
    ]
    assert kinds == [
        ("begin", None),
        ("started", 0),
        ("statement", 0),
        ("started", 1),
        ("statement", 1),
        ("started", 2),
    ]


def test_threads_left_running_do_not_hold_the_process(observer: Any) -> None:
    seen = observer("import threading, time", "threading.Thread(target=time.sleep, args=(100,)).start()", timeout=60)
    assert seen.status == 0


def test_files_read_in_threads_are_all_seen(observer: Any) -> None:
    seen = observer(
        "names = [f'f{i}.txt' for i in range(40)]\nfor name in names:\n    open(name, 'w').close()",
        "from concurrent.futures import ThreadPoolExecutor",
        "with ThreadPoolExecutor(8) as pool:\n    list(pool.map(lambda name: open(name).read(), names))",
    )
    assert seen[2]["files_read"] == sorted(f"f{i}.txt" for i in range(40))


def test_a_cached_helper_still_reads_its_globals(observer: Any) -> None:
    seen = observer(["import functools", "k = 2", "@functools.lru_cache(None)\ndef f(x):\n    return x * k", "f(2)"])
    assert seen[3]["reads"] == ["f", "k"]


TUNER = "import pathlib\npathlib.Path('keras_tuner.py').write_text('class Search:\\n    def search(self, X):\\n        self.best = max(X)\\n')"


def test_a_tuners_search_is_a_fit_and_a_patterns_is_not(observer: Any) -> None:
    made = "import re, keras_tuner\ntuner = keras_tuner.Search()"
    seen = observer(TUNER, made, "tuner.search([1, 2])", "re.compile('a').search('ba')", "re.search('a', 'b')")
    assert [(call["kind"], call["model"], call["receiver_name"]) for call in seen[2]["calls"]] == [("fit", "search", "tuner")]
    assert seen[2]["mutates"] == ["tuner"]
    assert not seen[3]["calls"] and not seen[4]["calls"]
