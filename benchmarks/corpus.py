"""Adopt every notebook of a table and print what became of each, and the shares.

    python benchmarks/corpus.py TABLE FOLDER [RESULTS] [--jobs N] [--only n001,n002] [--timeout MINUTES] [--json]

TABLE is a TSV with the columns id, notebook, runs_as_is, data_kind, failing_cell and task; FOLDER/<id>/<notebook> the files. RESULTS keeps one JSON file a
notebook, so that a stopped run goes on; remove a file to do it again. Each notebook is adopted from a fresh copy, and its files are compared afterwards.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PROVED = ("proved", "proved-coarse")


def adopt(row: dict[str, str], folder: Path, results: Path, minutes: float, python: str) -> dict[str, Any]:
    """The `--json` object of one adoption, with what this script saw added under `corpus`."""
    kept = results / f"{row['id']}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory(prefix="corpus-") as scratch:
        copy = Path(scratch) / "files"
        shutil.copytree(folder / row["id"], copy)
        before = digests(copy)
        result = run(copy / row["notebook"], Path(scratch) / "project", minutes, python)
        result["corpus"]["files_unchanged"] = digests(copy) == before
        project = Path(scratch) / "project"
        if project.exists():
            result["corpus"]["reads_data"] = any(path.is_file() for path in project.rglob("*.dvc"))
            shutil.copytree(project, results / row["id"], ignore=shutil.ignore_patterns(".dvc", ".git", "data", "model"), dirs_exist_ok=True)
    kept.write_text(json.dumps(result, indent=1), encoding="utf-8")
    return result


def run(notebook: Path, into: Path, minutes: float, python: str) -> dict[str, Any]:
    started = time.monotonic()
    command = [python, "-m", "ferrata", "adopt", str(notebook), "--into", str(into), "--yes", "--json", "--timeout", str(minutes)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=minutes * 60 * 6, stdin=subprocess.DEVNULL)
        status, output, error = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as expired:
        status, output, error = -1, "", f"no end after {expired.timeout:.0f} s"
    try:
        result = dict(json.loads(output))
    except ValueError:
        result = {"outcome": "crash", "cause": {"what": error[-2000:]}}
    is_bug = "Traceback (most recent call last)" in error or (result.get("cause") or {}).get("kind") == "bug"
    result["corpus"] = {"status": status, "seconds": round(time.monotonic() - started, 1), "traceback": is_bug, "stderr": error[-4000:]}
    return result


def digests(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def line(row: dict[str, str], result: dict[str, Any]) -> str:
    cause = (result.get("cause") or {}).get("what", "") or (result.get("prediction") or {}).get("why", "")
    cell = (result.get("cause") or {}).get("cell") or ""
    words = [row["id"], row["runs_as_is"], result["outcome"], str(result.get("level") or ""),
             str(len(result.get("stages") or ())), str(len(result.get("scores") or ())), served(result), f"{result['corpus']['seconds']:.0f}s",
             f"cell {cell}/{row.get('failing_cell', '')}" if cell else "", str(cause).replace("\n", " ")[:140]]
    return "\t".join(words)


def served(result: dict[str, Any]) -> str:
    """The prediction function: its level, and on how many rows it was proved."""
    found = result.get("prediction") or {}
    proof = found.get("proof") or {}
    return f"{found['level']} {proof.get('rows', 0)}/{proof.get('mismatches', 0)}" if found else ""


def shares(rows: list[dict[str, str]], results: dict[str, dict[str, Any]]) -> list[str]:
    """The bars: of notebooks that run, of notebooks that do not, and what may never happen."""
    runs = [results[r["id"]] for r in rows if r["runs_as_is"] == "yes"]
    fails = [results[r["id"]] for r in rows if r["runs_as_is"] == "no"]
    every = list(results.values())
    reads = [r for r in every if r["outcome"] in PROVED and r["corpus"].get("reads_data")]
    functions = [r.get("prediction") or {} for r in reads]
    supervised = {row["id"] for row in rows if row.get("task") not in ("clustering", "other")}
    learned = [results[i].get("prediction") or {} for i in sorted(supervised & set(results)) if results[i] in reads]
    return [
        _share("of those that run: proved", [r["outcome"] in PROVED for r in runs]),
        _share("of those that run: proved with two or more stages", [r["outcome"] in PROVED and len(r["stages"]) > 1 for r in runs]),
        _share("of those that do not run: repaired and proved", [r["outcome"] in PROVED for r in fails]),
        _share("of those that do not run: proved, or a cause given", [r["outcome"] in PROVED or bool(r.get("cause")) for r in fails]),
        _share("of those proved that read data: a prediction function for raw rows", [f.get("level") == "raw" for f in functions]),
        _share("of these, the supervised: a prediction function for raw rows", [f.get("level") == "raw" for f in learned]),
        _share("of the functions for raw rows: no mismatch on any row", [f["proof"]["mismatches"] == 0 for f in functions if f.get("level") == "raw"]),
        _share("of those proved that read data without one: the obstacle is named", [bool(f.get("why")) for f in functions if f.get("level") != "raw"]),
        _share("author's files unchanged", [r["corpus"]["files_unchanged"] for r in every]),
        f"tracebacks: {sum(r['corpus']['traceback'] for r in every)}",
        f"outcomes: {dict(Counter(r['outcome'] for r in every))}",
    ]


def _share(name: str, hits: list[bool]) -> str:
    return f"{name}: {sum(hits)} of {len(hits)}" + (f" ({sum(hits) / len(hits):.0%})" if hits else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("table", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("results", type=Path, nargs="?", default=Path("corpus-results"))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--timeout", type=float, default=15.0, help="minutes one run of a notebook may take")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json", action="store_true", help="print one object a notebook (id, outcome, prediction) and the shares, in one list")
    options = parser.parse_args()
    options.results.mkdir(parents=True, exist_ok=True)
    wanted = set(filter(None, options.only.split(",")))
    with options.table.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter="\t") if not wanted or row["id"] in wanted]
    results: dict[str, dict[str, Any]] = {}

    def one(row: dict[str, str]) -> None:
        results[row["id"]] = adopt(row, options.folder, options.results, options.timeout, options.python)
        if not options.json:
            print(line(row, results[row["id"]]), flush=True)

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(one, rows))
    found = shares(rows, results)
    if options.json:
        kept = [{"id": name, "outcome": result["outcome"], "prediction": result.get("prediction")} for name, result in sorted(results.items())]
        print(json.dumps({"notebooks": kept, "shares": found}, indent=1))
    else:
        print("\n".join(found))


if __name__ == "__main__":
    main()
