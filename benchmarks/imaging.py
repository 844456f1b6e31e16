"""The image of a project against what BentoML 1.4 containerizes for the same model, and against the whole lock on the same base.

    python benchmarks/imaging.py PROJECT [--sides ours,lock,bentoml] [--json FILE]

PROJECT has a service, proof rows and a base (`[tool.ferrata.image]`) with python3, venv and pip, as python:slim has them. podman builds, each side in a store
of its own that begins with the base alone; then one file of the model changes and it builds again. BentoML is given only what the model needs, as the lock has
it; its Dockerfile is the one that it generates, with its base replaced by the project's. Sizes are those of the engine; a ratio below 1 is in our favour.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
AIM = 0.60
OF_MODELS = ("scikit-learn", "pandas", "numpy", "scipy", "joblib", "skops", "pillow", "keras", "tensorflow-cpu", "xgboost-cpu", "lightgbm")
STORAGE = '[storage]\ndriver = "overlay"\ngraphroot = "{0}/store"\nrunroot = "{0}/run"\n'
LOCK = """FROM {base}
COPY requirements.txt /requirements.txt
RUN python3 -m venv /venv && /venv/bin/pip install --quiet --no-cache-dir -r /requirements.txt
WORKDIR /app
COPY . .
CMD ["/venv/bin/python", "-m", "service"]
"""
SERVICE = """import bentoml


@bentoml.service
class Model:
    def __init__(self):
        import sys
        from pathlib import Path

        root = Path(__file__).parent
        sys.path.insert(0, str((root / {function!r}).parent))
        import predict

        self.code, self.state = predict, predict.load(root)

    @bentoml.api
    def predict(self, rows: list[dict]) -> list[dict]:
        import pandas as pd

        return self.code.predict(pd.DataFrame(rows), self.state)
"""
GENERATE = """
import sys
from pathlib import Path
import bentoml
from bentoml._internal.container import construct_containerfile
bento = bentoml.get(sys.argv[1])
with construct_containerfile(bento, enable_buildkit=False) as (folder, file):
    import shutil
    shutil.copytree(folder, sys.argv[2], dirs_exist_ok=True)
    Path(sys.argv[2], "Dockerfile").write_text(Path(folder, file).read_text())
"""


@dataclass(frozen=True)
class Measured:
    """`again`: seconds after one file of the model had changed."""

    side: str
    megabytes: float
    seconds: float
    again: float


@contextmanager
def store(base: str) -> Iterator[dict[str, str]]:
    """Variables under which podman has the base and nothing else."""
    folder = Path(tempfile.mkdtemp(prefix="imaging-"))
    (folder / "storage.conf").write_text(STORAGE.format(folder))
    variables = {**os.environ, "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf")}
    try:
        called(["podman", "pull", "--quiet", base], variables)
        yield variables
    finally:
        subprocess.run(["podman", "rmi", "--all", "--force"], env=variables, capture_output=True)
        subprocess.run(["umount", "-l", str(folder / "store" / "overlay")], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def called(words: list[str], variables: dict[str, str] | None = None, folder: Path | None = None) -> str:
    ran = subprocess.run(words, env=variables, cwd=folder, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"{' '.join(words[:6])}\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}")
    return ran.stdout


def built(context: Path, variables: dict[str, str]) -> tuple[float, float]:
    """Seconds and megabytes."""
    began = time.perf_counter()
    called(["podman", "build", "--quiet", "--layers", "--network", "host", "--tag", "localhost/side:1", str(context)], variables)
    seconds = time.perf_counter() - began
    return seconds, int(called(["podman", "image", "inspect", "--format", "{{.Size}}", "localhost/side:1"], variables)) / 1e6


def changed(context: Path) -> None:
    """One file of the model."""
    place = next(iter(sorted(context.rglob("model/signature.json"))))
    place.write_text(place.read_text() + "\n")


def ours(project: Path, folder: Path, variables: dict[str, str]) -> tuple[float, float, float]:
    command = [sys.executable, "-m", "ferrata", "image", "build", "--builder", "podman", "--json"]
    variables = {**variables, "PYTHONPATH": str(SOURCE)}
    found = []
    for _ in range(2):
        began = time.perf_counter()
        told = json.loads(called(command, variables, project))
        print(f"  the whole command, with the proof of {told['proof']['ways'][0]['rows']} rows: {time.perf_counter() - began:.1f} s", file=sys.stderr)
        found.append((told["seconds"], told["size"] / 1e6))
        changed(project)
    return found[0][1], found[0][0], found[1][0]


def of_context(make: Callable[[Path, Path], None]) -> Callable[[Path, Path, dict[str, str]], tuple[float, float, float]]:
    def measured(project: Path, folder: Path, variables: dict[str, str]) -> tuple[float, float, float]:
        make(project, folder)
        seconds, size = built(folder, variables)
        changed(folder)
        return size, seconds, built(folder, variables)[0]

    return measured


def lock(project: Path, folder: Path) -> None:
    for name in ("model", "service", "src", "data"):
        if (project / name).is_dir():
            shutil.copytree(project / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.csv", "*.jsonl"))
    export = ["uv", "export", "--locked", "--quiet", "--no-emit-project", "--format", "requirements-txt", "--group", "serve"]
    (folder / "requirements.txt").write_text(called(export, None, project))
    (folder / "Dockerfile").write_text(LOCK.format(base=base_of(project)))


def bentoml(project: Path, folder: Path) -> None:
    python, source = folder.parent / "bento" / "bin" / "python", folder.parent / "bento-source"
    called(["uv", "venv", "--quiet", "--python", str(project / ".venv" / "bin" / "python"), str(python.parents[1])])
    called(["uv", "pip", "install", "--quiet", "--python", str(python), "bentoml==1.4.*"])
    function = json.loads((project / "model" / "signature.json").read_text())["function"]
    for name in ("model", str(Path(function).parent)):
        shutil.copytree(project / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.jsonl"))
    (source / "service.py").write_text(SERVICE.format(function=function))
    (source / "requirements.txt").write_text("\n".join(needed(project)) + "\n")
    (source / "bentofile.yaml").write_text('service: "service:Model"\nname: side\ninclude: ["*"]\npython:\n  requirements_txt: requirements.txt\n')
    variables = {**os.environ, "BENTOML_HOME": str(folder.parent / "home"), "BENTOML_DO_NOT_TRACK": "true", "PATH": f"{python.parent}:{os.environ['PATH']}"}
    tag = called([str(python.with_name("bentoml")), "build", "--output", "tag"], variables, source).strip().rpartition("__tag__:")[2]
    called([str(python), "-c", GENERATE, tag, str(folder)], variables, source)
    place = folder / "Dockerfile"
    place.write_text(re.sub(r"^FROM \S+", f"FROM {base_of(project)}", place.read_text(), count=1, flags=re.MULTILINE))


def needed(project: Path) -> list[str]:
    """What goes into our image without what serves it: the model's own packages, pinned."""
    text = (project / "service" / "image-requirements.txt").read_text()
    pins = re.findall(r"^([\w.-]+==[\w.]+)", text, re.MULTILINE)
    return [pin for pin in pins if pin.partition("==")[0] in OF_MODELS]


def base_of(project: Path) -> str:
    return str(tomllib.loads((project / "pyproject.toml").read_text())["tool"]["ferrata"]["image"]["base"])


SIDES = {"ours": ours, "lock": of_context(lock), "bentoml": of_context(bentoml)}


def measured(side: str, project: Path) -> Measured:
    with tempfile.TemporaryDirectory(prefix="imaging-") as place, store(base_of(project)) as variables:
        copy, folder = Path(place) / "project", Path(place) / side
        shutil.copytree(project, copy, symlinks=True)
        folder.mkdir()
        return Measured(side, *SIDES[side](copy, folder, variables))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path, nargs="?")
    parser.add_argument("--sides", default=",".join(SIDES))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.project is None or shutil.which("podman") is None:
        print("skipped: needs podman, and a PROJECT with a service")
        return
    print("side       MB     build s  after a new model s")
    rows = []
    for side in given.sides.split(","):
        rows.append(row := measured(side, given.project.resolve()))
        print(f"{row.side:8}  {row.megabytes:6,.0f}  {row.seconds:7.1f}  {row.again:7.1f}", flush=True)
    first = next((row for row in rows if row.side == "ours"), None)
    for row in rows if first else ():
        if first and row is not first:
            ratio = first.megabytes / row.megabytes
            verdict = f", aim {AIM:.0%}: {'met' if ratio <= AIM else 'not met'}" if row.side == "bentoml" else ""
            print(f"ours / {row.side}: size {ratio:.0%}, build {first.seconds / row.seconds:.0%}, after a new model {first.again / row.again:.0%}{verdict}")
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
