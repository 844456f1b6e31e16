"""A command that asks two prediction functions the same rows in turn, and says how long each answer took."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ferrata.programs.python import LOADED
from ferrata.records.command import Command

# What a version answers with is loaded once; then it answers the row whose number it reads.
_WORKER = """
import importlib.util
import json
import os
import sys
import time

path, kind, rows = sys.argv[1], sys.argv[2], json.loads(sys.stdin.readline())
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what the author's code prints is no answer
""" + LOADED + """if kind == "table":
    import pandas

asked = [pandas.DataFrame([row]) if kind == "table" else [row] for row in rows]
for line in sys.stdin:
    began = time.perf_counter()
    try:
        predict.predict(asked[int(line)], state)
        print(time.perf_counter() - began, file=answers, flush=True)
    except Exception:  # a row that this version rejects
        print("nan", file=answers, flush=True)
"""

# Who asks first changes from row to row: neither always finds the machine as the other left it.
_DRIVER = """
import json
import subprocess
import sys
import time

request = json.load(sys.stdin)
workers = [
    subprocess.Popen([python, "-c", request["worker"], module, request["kind"]], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                     stderr=subprocess.DEVNULL, text=True)
    for python, module, folder in request["sides"]
]
for worker, rows in zip(workers, request["rows"]):
    print(json.dumps(rows), file=worker.stdin, flush=True)


def asked(number, row):
    print(row, file=workers[number].stdin, flush=True)
    return float(workers[number].stdout.readline())


try:
    for number in (0, 1):
        asked(number, 0)
        asked(number, 0)  # the first answers also load what the next ones find
    until, times, turn = time.monotonic() + request["seconds"], ([], []), 0
    while turn < request["most"] and (time.monotonic() < until or turn < request["least"]):
        for number in ((0, 1) if turn % 2 else (1, 0)):
            times[number].append(asked(number, turn % len(request["rows"][0])))
        turn += 1
    print(json.dumps(times))
finally:
    for worker in workers:
        worker.kill()
"""


def latencies(sides: Sequence[tuple[Path, Path, Path]], kind: str, rows: Sequence[Sequence[object]], *, request: Path) -> Command:
    """Print the seconds of each answer of both sides, as two lists in JSON. A side is (python, predict.py, folder); `rows` are the same for both, for files
    of images with each side's own paths. `request` is a file that this writes its question to.
    """
    asked = {
        "worker": _WORKER, "sides": [[str(each) for each in side] for side in sides], "kind": kind, "rows": rows, "seconds": 4.0, "most": 200, "least": 10,
    }  # fmt: skip
    request.write_text(json.dumps(asked), encoding="utf-8")
    starting = f"import sys\nsys.stdin = open(sys.argv[1], encoding='utf-8')\n{_DRIVER}"
    environment = {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "Agg"}
    return Command((str(sides[0][0]), "-c", starting, str(request)), environment=environment, why="ask both versions in turn", timeout=180)
