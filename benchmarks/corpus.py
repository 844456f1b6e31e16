"""Adopt every notebook of a table and print what became of each, the shares, and how many get a prediction function.

    python benchmarks/corpus.py TABLE FOLDER [RESULTS] [--jobs N] [--only n001,n002] [--timeout MINUTES] [--limit MINUTES] [--json]

TABLE is a TSV with the columns id, notebook, runs_as_is, data_kind, failing_cell and task; FOLDER/<id>/<notebook> the files. RESULTS keeps one JSON file a
notebook, so that a stopped run goes on; remove a file to do it again. Each notebook is adopted from a fresh copy, and its files are compared afterwards. A
prediction function that was delivered is asked again, by `ferrata predict` in the delivered project, about the rows that were kept of its proof.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

Row = Mapping[str, str]
Result = dict[str, Any]

PROVED = ("proved", "proved-coarse")
UNSUPERVISED = ("clustering", "other")
TARGET = 0.9  # of the supervised notebooks that read raw data: a function for raw rows, proved without a mismatch
EXACT = 1e-9  # relative difference of numbers that counts as equal, where the signature states no other


def adopt(row: Row, folder: Path, results: Path, options: argparse.Namespace) -> Result:
    """The `--json` object of one adoption, with what this script saw added under `corpus`."""
    kept = results / f"{row['id']}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory(prefix="corpus-") as scratch:
        copy, project = Path(scratch) / "files", Path(scratch) / "project"
        shutil.copytree(folder / row["id"], copy)
        before = digests(copy)
        result = run(copy / row["notebook"], project, options)
        result["corpus"]["files_unchanged"] = digests(copy) == before
        if project.exists():
            result["corpus"]["reads_data"] = any(path.is_file() for path in project.rglob("*.dvc"))
            shutil.copytree(project, results / row["id"], ignore=shutil.ignore_patterns(".dvc", ".git", "data", "model"), dirs_exist_ok=True)
            result["corpus"]["asked_again"] = asked_again(project, options.python)
    kept.write_text(json.dumps(result, indent=1), encoding="utf-8")
    return result


def run(notebook: Path, into: Path, options: argparse.Namespace) -> Result:
    started = time.monotonic()
    command = [options.python, "-m", "ferrata", "adopt", str(notebook), "--into", str(into), "--yes", "--json", "--timeout", str(options.timeout)]
    status, output, error = ended(command, into.parent, (options.limit or options.timeout * 6) * 60)
    try:
        result = dict(json.loads(output))
    except ValueError:
        result = {"outcome": "no end" if status is None else "crash", "cause": {"what": error[-2000:]}}
    is_bug = "Traceback (most recent call last)" in error or (result.get("cause") or {}).get("kind") == "bug"
    result["corpus"] = {"status": status, "seconds": round(time.monotonic() - started, 1), "traceback": is_bug, "stderr": error[-4000:]}
    return result


def ended(command: Sequence[str], folder: Path, seconds: float) -> tuple[int | None, str, str]:
    """Status, output and error of a command; None for one that was ended, with all that it started, because it took too long."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=folder, text=True, start_new_session=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            output, error = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C: it ends what it started
            try:
                process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
            return None, "", f"no end after {seconds:.0f} s"
        return process.returncode, output, error


def asked_again(project: Path, python: str) -> Result | None:
    """How many of the kept rows the delivered function answers otherwise than the notebook; None where there is none, or none that takes rows."""
    kept = project / "model" / "proof_rows.jsonl"
    if not kept.exists():
        return None
    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    signature = json.loads((project / "model" / "signature.json").read_text(encoding="utf-8"))
    asked, answers = project.with_name("asked.json"), project.with_name("answers.json")
    asked.write_text(json.dumps([row["input"] for row in rows]), encoding="utf-8")
    _, _, error = ended([python, "-m", "ferrata", "predict", str(asked), "--out", str(answers), "--json"], project, 1800)
    if not answers.exists():
        return {"rows": len(rows), "differ": len(rows), "why": error[-500:]}
    found = json.loads(answers.read_text(encoding="utf-8"))
    bound = signature["proof"]["bound"] or EXACT
    differ = [row for row, answer in zip(rows, found, strict=True) if not is_same(row["output"]["prediction"], answer.get("prediction"), bound)]
    return {"rows": len(rows), "differ": len(differ)}


def is_same(first: object, second: object, bound: float) -> bool:
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(is_same(a, b, bound) for a, b in zip(first, second, strict=True))
    if isinstance(first, (int, float)) and isinstance(second, (int, float)):
        return math.isclose(first, second, rel_tol=bound)
    return first == second


def digests(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def line(row: Row, result: Result) -> str:
    cause = (result.get("cause") or {}).get("what", "") or (result.get("prediction") or {}).get("why", "")
    cell = (result.get("cause") or {}).get("cell") or ""
    words = [row["id"], row["runs_as_is"], result["outcome"], str(result.get("level") or ""),
             str(len(result.get("stages") or ())), str(len(result.get("scores") or ())), served(result), f"{result['corpus']['seconds']:.0f}s",
             f"cell {cell}/{row.get('failing_cell', '')}" if cell else "", str(cause).replace("\n", " ")[:140]]
    return "\t".join(words)


def served(result: Result) -> str:
    """The prediction function: its level, and on how many rows it was proved."""
    found = result.get("prediction") or {}
    proof = found.get("proof") or {}
    return f"{found['level']} {proof.get('rows', 0)}/{proof.get('mismatches', 0)}" if found else ""


def shares(rows: Sequence[Row], results: Mapping[str, Result]) -> list[str]:
    """The bars: of notebooks that run, of notebooks that do not, and what may never happen."""
    runs = [results[r["id"]] for r in rows if r["runs_as_is"] == "yes"]
    fails = [results[r["id"]] for r in rows if r["runs_as_is"] == "no"]
    every = list(results.values())
    reads = [r for r in every if r["outcome"] in PROVED and r["corpus"].get("reads_data")]
    functions = [r.get("prediction") or {} for r in reads]
    return [
        _share("of those that run: proved", [r["outcome"] in PROVED for r in runs]),
        _share("of those that run: proved with two or more stages", [r["outcome"] in PROVED and len(r["stages"]) > 1 for r in runs]),
        _share("of those that do not run: repaired and proved", [r["outcome"] in PROVED for r in fails]),
        _share("of those that do not run: proved, or a cause given", [r["outcome"] in PROVED or bool(r.get("cause")) for r in fails]),
        _share("of those proved that read data: a prediction function for raw rows", [f.get("level") == "raw" for f in functions]),
        _share("of those proved that read data without one: the obstacle is named", [bool(f.get("why")) for f in functions if f.get("level") != "raw"]),
        _share("author's files unchanged", [r["corpus"]["files_unchanged"] for r in every]),
        f"tracebacks: {sum(r['corpus']['traceback'] for r in every)}",
        f"outcomes: {dict(Counter(r['outcome'] for r in every))}",
    ]


def _share(name: str, hits: list[bool]) -> str:
    return f"{name}: {sum(hits)} of {len(hits)}" + (f" ({sum(hits) / len(hits):.0%})" if hits else "")


def functions(rows: Sequence[Row], results: Mapping[str, Result]) -> list[dict[str, Any]]:
    """One record for each supervised notebook that was proved: what became of its prediction function."""
    return [_function(row, results[row["id"]]) for row in rows if row.get("task") not in UNSUPERVISED and results[row["id"]]["outcome"] in PROVED]


def _function(row: Row, result: Result) -> dict[str, Any]:
    found = result.get("prediction") or {}
    proof, again = found.get("proof") or {}, result["corpus"].get("asked_again") or {}
    return {
        "id": row["id"], "task": row["task"], "reads_raw_data": bool(result["corpus"].get("reads_data")), "function": found.get("level") or "none",
        "rows": proof.get("rows", 0), "mismatches": proof.get("mismatches", 0), "of": proof.get("of", ""), "why": found.get("why", ""),
        "cell": found.get("cell", 0), "statement": found.get("source", ""), "asked_again": again.get("rows", 0), "differ_again": again.get("differ", 0),
        "seconds": result["corpus"]["seconds"],
    }


def measure(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The figure: of the supervised notebooks that were proved and read raw data, how many get a function for raw rows without a mismatch.

    A wrong claim is a function that was delivered although a row of its proof differs or none was compared, or that answers otherwise when it is asked again.
    """
    raw_data = [each for each in found if each["reads_raw_data"]]
    raw = [each for each in raw_data if each["function"] == "raw" and not is_wrong(each)]
    others = [each for each in raw_data if each["function"] != "raw"]
    share = len(raw) / len(raw_data) if raw_data else None
    return {
        "supervised_and_proved": len(found), "read_raw_data": len(raw_data), "raw": len(raw),
        "prepared": sum(each["function"] == "prepared" for each in others),
        "none": sum(each["function"] == "none" for each in others), "why_is_said": sum(bool(each["why"]) for each in others),
        "statement_is_named": sum(bool(each["cell"]) for each in others), "rows_compared": sum(each["rows"] for each in raw),
        "wrong_claims": sum(is_wrong(each) for each in found), "share": share, "target": TARGET, "is_met": share is not None and share >= TARGET,
    }


def is_wrong(each: Mapping[str, Any]) -> bool:
    return each["function"] != "none" and bool(each["mismatches"] or not each["rows"] or each["differ_again"])


def table(found: Sequence[Mapping[str, Any]], figure: Mapping[str, Any]) -> list[str]:
    """The measure for people: a line a notebook, then the figure."""
    heads = ("id", "task", "data", "function", "rows/differ", "again/differ", "seconds", "of, or what is in the way")
    lines = ["", "Prediction functions of the supervised notebooks that were proved", "\t".join(heads)]
    for each in found:
        where = f"cell {each['cell']} ({each['statement'][:60]}): " if each["cell"] else ""
        said = each["of"] if each["function"] == "raw" else f"{where}{each['why'][:140]}"
        cells = [each["id"], each["task"], "read" if each["reads_raw_data"] else "made", each["function"], f"{each['rows']}/{each['mismatches']}",
                 f"{each['asked_again']}/{each['differ_again']}", f"{each['seconds']:.0f}", said.replace("\n", " ")]
        lines.append("\t".join(cells))
    share = f" ({figure['share']:.0%}, aim {figure['target']:.0%})" if figure["share"] is not None else ""
    return [
        *lines, f"of those that read raw data: a function for raw rows, no row differs: {figure['raw']} of {figure['read_raw_data']}{share}, "
        f"{figure['rows_compared']:,} rows compared",
        f"of the others: {figure['prepared']} take prepared rows, {figure['none']} have none; why is said for {figure['why_is_said']}, "
        f"the statement named for {figure['statement_is_named']}",
        f"wrong claims: {figure['wrong_claims']}",
    ]


def main() -> None:
    options = _options()
    options.results.mkdir(parents=True, exist_ok=True)
    wanted = set(filter(None, options.only.split(",")))
    with options.table.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter="\t") if not wanted or row["id"] in wanted]
    results: dict[str, Result] = {}

    def one(row: Row) -> None:
        results[row["id"]] = adopt(row, options.folder, options.results, options)
        if not options.json:
            print(line(row, results[row["id"]]), flush=True)

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(one, rows))
    found = functions(rows, results)
    figure = measure(found)
    if options.json:
        kept = [{"id": name, "outcome": result["outcome"], "prediction": result.get("prediction")} for name, result in sorted(results.items())]
        print(json.dumps({"notebooks": kept, "shares": shares(rows, results), "functions": found, "measure": figure}, indent=1))
    else:
        print("\n".join([*shares(rows, results), *table(found, figure)]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("table", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("results", type=Path, nargs="?", default=Path("corpus-results"))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--timeout", type=float, default=15.0, help="minutes one run of a notebook may take")
    parser.add_argument("--limit", type=float, default=0.0, help="minutes a whole adoption may take; six times --timeout where it is not given")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json", action="store_true", help="print one object: notebooks, shares, functions (one for each supervised one) and the measure")
    return parser.parse_args()


if __name__ == "__main__":
    main()
