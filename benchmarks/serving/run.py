"""The service against a plain FastAPI by hand, LitServe, BentoML and `mlflow models serve`, on the same model, interleaved.

    python benchmarks/serving/run.py [--seconds 2] [--rounds 2] [--model pipeline] [--sides ours,plain] [--json FILE]

Notebooks are adopted and served as a user does, the peers have the same fitted model in an environment of their own (about 1 GB): this takes minutes. One
process serves on each side, and one asks: raw HTTP over connections that stay open. A ratio above 1 is in our favour. The limit is the project's `predict`
called in process with a frame that is there already.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import MODELS, make, python_of, versions

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
FERRATA = (sys.executable, "-m", "ferrata")
PACKAGES = ("skops", "fastapi", "uvicorn", "httptools", "uvloop", "litserve", "bentoml", "mlflow")
OF_THE_PROJECT = ("scikit-learn", "pandas", "numpy", "joblib", "tensorflow", "tensorflow-cpu", "keras", "pillow")
ROWS, CONNECTIONS = (1, 100), (1, 8, 64)
LIMIT = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]).parent))
import base64, io, predict
state, rows = predict.load(), (json.load(open(sys.argv[2])) * 100)[:100]
if "image" in rows[0]:
    files = [base64.b64decode(row["image"]) for row in rows]
    given = lambda count: [io.BytesIO(file) for file in files[:count]]
else:
    import pandas as pd
    frames = {count: pd.DataFrame(rows[:count]) for count in (1, 100)}
    given = frames.get
for count in (1, 100):
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < 2:
        predict.predict(given(count), state); done += 1
    print(done / (time.perf_counter() - started))
"""


@dataclass(frozen=True)
class Model:
    """A project that Ferrata serves, and the folder of the same model for the peers, with the interpreter that has them."""

    project: Path
    peers: Path
    python: Path

    @property
    def rows(self) -> list[dict[str, Any]]:
        return json.loads((self.peers / "rows.json").read_text())  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Side:
    name: str
    path: str
    health: str

    def body(self, rows: Sequence[Any]) -> bytes:
        if self.name == "ours":
            return json.dumps(rows if len(rows) > 1 else rows[0]).encode()
        wrapped = {"plain": rows, "litserve": {"rows": rows}, "bentoml": {"rows": rows}, "mlflow": {"dataframe_records": rows}}
        return json.dumps(wrapped[self.name]).encode()


SIDES = (
    Side("ours", "/predict", "/readyz"), Side("plain", "/predict", "/healthz"), Side("litserve", "/predict", "/health"),
    Side("bentoml", "/predict", "/readyz"), Side("mlflow", "/invocations", "/health"),
)  # fmt: skip


def command(side: Side, model: Model, port: int) -> tuple[list[str], Path]:
    scripts = {"plain": "plain_fastapi.py", "litserve": "lit_serve.py"}
    python = model.python
    if side.name == "ours":
        return [str(python_of(model.project)), "-m", "service", "--port", str(port)], model.project
    if side.name in scripts:
        return [str(python), str(HERE / scripts[side.name]), str(model.peers), str(port)], model.peers
    if side.name == "bentoml":
        return [str(python.with_name("bentoml")), "serve", "bento:Model", "--port", str(port), "--host", "127.0.0.1", "--working-dir", str(HERE)], HERE
    saved = str(model.peers / "mlflow")
    return [str(python.with_name("mlflow")), "models", "serve", "-m", saved, "--env-manager", "local", "--port", str(port), "--workers", "1"], model.peers


@contextlib.contextmanager
def serving(side: Side, model: Model, port: int) -> Iterator[tuple[int, float]]:
    """(process, seconds until its first answer)"""
    words, folder = command(side, model, port)
    environment = {**os.environ, "PROJECT": str(model.peers), "BENTOML_DO_NOT_TRACK": "1", "DO_NOT_TRACK": "1"}
    environment["PATH"] = f"{model.python.parent}:{environment['PATH']}"
    log = model.peers / f"{side.name}.log"
    started = time.perf_counter()
    with log.open("wb") as stream:
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        body = side.body(model.rows[:1])
        while not answers(side, port, body):
            if process.poll() is not None or time.perf_counter() - started > 120:
                raise SystemExit(f"{side.name} did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.02)
        yield process.pid, time.perf_counter() - started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def answers(side: Side, port: int, body: bytes) -> bool:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{side.path}", body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def memory(group: int) -> float:
    """Megabytes of all processes of a session, each page counted once among those that share it."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == group:
                total += next(int(line.split()[1]) for line in (folder / "smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
    return total / 1024


async def load(side: Side, port: int, bodies: Sequence[bytes], connections: int, seconds: float) -> tuple[list[float], float]:
    """The time of every answer, and of all together: those that were asked for in time are waited for. In seconds."""
    heads = [
        f"POST {side.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        for body in bodies
    ]
    started = time.perf_counter()
    found = await asyncio.gather(*(_one(port, heads, place, started + seconds) for place in range(connections)))
    return [each for times in found for each in times], time.perf_counter() - started


async def _one(port: int, requests: Sequence[bytes], place: int, until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times = []
    while (started := time.perf_counter()) < until:
        writer.write(requests[place % len(requests)])
        place += 1
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await _rest(reader, head)
        if head.startswith(b"http/1.1 503"):  # it says that it has too much to do: no answer
            continue
        if not head.startswith(b"http/1.1 200"):
            raise SystemExit(f"refused: {head!r}")
        times.append(time.perf_counter() - started)
    writer.close()
    return times


async def _rest(reader: asyncio.StreamReader, head: bytes) -> None:
    if b"content-length:" in head:
        await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        return
    while size := int((await reader.readuntil(b"\r\n")).strip() or b"0", 16):
        await reader.readexactly(size + 2)
    await reader.readuntil(b"\r\n")


def measure(model: Model, sides: Sequence[Side], rounds: int, seconds: float) -> dict[str, Any]:
    rows = (model.rows * 400)[:400]
    proof = json.loads((model.project / "evidence" / "serve.json").read_text())
    function = model.project / json.loads((model.project / "model" / "signature.json").read_text())["function"]
    words = [python_of(model.project), "-c", LIMIT, function, model.peers / "rows.json"]
    limits = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    found: dict[str, Any] = {"proof": {key: proof[key] for key in ("level", "ways", "grouping")}}
    found["limit"] = {str(count): float(limit) for count, limit in zip(ROWS, limits, strict=True)}
    with contextlib.ExitStack() as stack:
        ports = {side.name: 8710 + place for place, side in enumerate(sides)}
        started = {side.name: stack.enter_context(serving(side, model, ports[side.name])) for side in sides}
        cells: dict[str, list[tuple[float, float, float]]] = {}
        for _ in range(rounds):
            for count in ROWS:
                bodies = {side.name: [side.body(rows[start : start + count]) for start in range(0, 400, count)] for side in sides}
                for connections in CONNECTIONS:
                    for side in sides:
                        times, lasted = asyncio.run(load(side, ports[side.name], bodies[side.name], connections, seconds))
                        late = sorted(times)[int(len(times) * 0.99)] if times else math.inf
                        cell = (len(times) / lasted, statistics.median(times or [math.inf]) * 1000, late * 1000)
                        cells.setdefault(f"{count}/{connections}/{side.name}", []).append(cell)
        found["megabytes"] = {name: round(memory(pid)) for name, (pid, _) in started.items()}
        found["first answer, seconds"] = {name: round(seconds, 1) for name, (_, seconds) in started.items()}
    found["cells"] = {name: [statistics.median(part) for part in zip(*each, strict=True)] for name, each in cells.items()}
    return found


def show(name: str, found: dict[str, Any], sides: Sequence[Side]) -> None:
    ways, grouping = found["proof"]["ways"], found["proof"]["grouping"]
    wrong = max(way["mismatches"] for way in ways)
    print(f"\n{name}: {found['proof']['level']} to the notebook over HTTP, {wrong} of {ways[0]['rows']} differ; {grouping['most_rows']} rows may share a call")
    print(f"first answer (all start in turn): {found['first answer, seconds']}; memory in MB: {found['megabytes']}")
    print("rows  connections  side      requests/s    p50 ms    p99 ms   ours against it: throughput, p99   of the in-process limit")
    for count in ROWS:
        for connections in CONNECTIONS:
            ours = found["cells"][f"{count}/{connections}/ours"]
            for side in sides:
                rate, middle, late = found["cells"][f"{count}/{connections}/{side.name}"]
                ratio = "" if side.name == "ours" else f"{ours[0] / (rate or math.nan):6.2f} ×  {late / ours[2]:6.2f} ×"
                limit = f"{100 * rate / found['limit'][str(count)]:5.0f} %"
                print(f"{count:4}  {connections:11}  {side.name:9} {rate:10.1f} {middle:9.2f} {late:9.2f}   {ratio:32} {limit}")


def main() -> None:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # the servers are ended also then
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--model", action="append", choices=tuple(MODELS))
    parser.add_argument("--sides", default=",".join(side.name for side in SIDES))
    parser.add_argument("--python", type=Path, help="an interpreter that has all packages already")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    sides = [side for side in SIDES if side.name in given.sides.split(",")]
    os.environ["PYTHONPATH"] = str(SOURCE)
    with tempfile.TemporaryDirectory(prefix="ferrata-bench-") as place:
        results = {}
        for name in given.model or tuple(MODELS):
            project = make(Path(place), name, FERRATA)
            python = given.python or environment(Path(place), project)
            model = Model(project, project.with_name(f"{name}-peers"), python)
            if any(side.name == "mlflow" for side in sides):
                _save_for_mlflow(python, model.peers)
            results[name] = measure(model, sides, given.rounds, given.seconds)
            show(name, results[name], sides)
    if given.json:
        given.json.write_text(json.dumps(results, indent=2))


def _save_for_mlflow(python: Path, peers: Path) -> None:
    if (peers / "function.txt").exists():
        words = [python, HERE / "mlflow_images.py", peers, peers / "mlflow"]
    else:
        code = "import joblib, mlflow.sklearn as m, sys; m.save_model(joblib.load(sys.argv[1]), sys.argv[2], serialization_format='cloudpickle')"
        words = [python, "-c", code, peers / "model" / "model.joblib", peers / "mlflow"]
    subprocess.run(words, check=True, capture_output=True)


def environment(place: Path, project: Path) -> Path:
    """An interpreter with the peers, and the versions of the project for what computes."""
    from uv import find_uv_bin

    python = place / f"{project.name}-env" / "bin" / "python"  # a network's packages are others
    if not python.exists():
        subprocess.run([find_uv_bin(), "venv", "-q", "--python", python_of(project), str(python.parents[1])], check=True)
        packages = (*PACKAGES, *versions(project, *OF_THE_PROJECT))
        subprocess.run([find_uv_bin(), "pip", "install", "-q", "--python", str(python), *packages], check=True)
    return python


if __name__ == "__main__":
    main()
