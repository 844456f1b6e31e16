"""`ferrata serve` on a project with an environment of its own: first what it refuses, then the proof, then a service that runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.serving import projects
from tests.serving.conftest import Live, running

from ferrata.errors import ProjectError, UsageError
from ferrata.flow.clients import client
from ferrata.flow.serving import serve
from ferrata.programs import uv
from ferrata.records.page import Page
from ferrata.records.proof import Level
from ferrata.records.service import ServeRequest
from ferrata.steps.serving.packages import lacking, undated
from ferrata.steps.serving.replay import read_rows, replay
from ferrata.world import process
from ferrata.world.loopback import Caller, free_port
from ferrata.world.reporter import RecordingReporter

MANIFEST = """[project]
name = "{name}"
version = "0.1.0"
requires-python = ">={version},<{after}"
# The author's own line.
dependencies = ["pandas"]

[tool.uv]
package = false
"""
SOURCE = Path(__file__).parents[2] / "src"


def told(page: Page) -> None:
    raise AssertionError(f"nothing should be served: {page.title}")


def test_there_is_nothing_to_serve_without_a_prediction_function(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no project"):
        serve(ServeRequest(), RecordingReporter(), told, folder=tmp_path)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    with pytest.raises(ProjectError, match=r"no prediction function"):
        serve(ServeRequest(), RecordingReporter(), told, folder=tmp_path)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"schema_version": 2}', '{"schema_version": 1, "name": "a"}',
             '{"schema_version": 1, "name": "a", "kind": "sound", "inputs": [], "outputs": {}}',
             '{"schema_version": 1, "name": "a", "kind": "table", "inputs": [], "outputs": {}}'],
)  # fmt: skip
def test_a_signature_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    project = projects.table(tmp_path)
    (project / "model" / "signature.json").write_text(text)
    with pytest.raises(ProjectError, match="signature"):
        serve(ServeRequest(), RecordingReporter(), told, folder=project)


def test_others_are_not_let_in_without_a_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no API key") as refused:
        serve(ServeRequest("0.0.0.0"), RecordingReporter(), told, folder=projects.table(tmp_path))
    assert "python -m service key add NAME" in refused.value.todo


def test_a_taken_port_is_said_before_anything_is_done(tmp_path: Path, table: Live) -> None:
    with pytest.raises(UsageError, match=f"Port {table.port}"):
        serve(ServeRequest(port=table.port), RecordingReporter(), told, folder=projects.table(tmp_path))


def test_a_broken_proof_row_is_named(tmp_path: Path) -> None:
    project = projects.table(tmp_path)
    (project / "model" / "proof_rows.jsonl").write_text('{"input": {}}\n')
    with pytest.raises(ProjectError) as refused:
        read_rows(project)
    assert refused.value.where.endswith("proof_rows.jsonl, line 1")


def test_a_project_held_at_a_date_takes_the_server_of_today(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.uv]\nexclude-newer = "2021-01-01T00:00:00Z"\n')
    assert undated(tmp_path).splitlines()[2].startswith("exclude-newer-package = { annotated-doc = false")
    (tmp_path / "pyproject.toml").write_text("[tool.uv]\n")
    assert undated(tmp_path) == ""


def test_what_was_free_of_the_date_before_stays_so(tmp_path: Path) -> None:
    """As adopt writes it for a notebook of older packages."""
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.uv]\nexclude-newer = "2021-01-01T00:00:00Z"\nexclude-newer-package = { pyyaml = false, h11 = "2022-01-01T00:00:00Z" }\n')
    file.write_text(undated(tmp_path))
    free = tomllib.loads(file.read_text())["tool"]["uv"]["exclude-newer-package"]
    assert free["pyyaml"] is False and free["fastapi"] is False and free["h11"] == "2022-01-01T00:00:00Z"
    assert undated(tmp_path) == ""


def test_a_version_that_the_project_chose_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[dependency-groups]\nserve = ["FastAPI==0.115.0", "uvloop", "httptools"]\n')
    assert [each.partition(">")[0] for each in lacking(tmp_path, {"kind": "table"})] == ["uvicorn", "orjson"]


def test_wrong_answers_are_counted_and_shown(service_python: Path, tmp_path: Path) -> None:
    project = projects.table(tmp_path)
    place = project / "model" / "proof_rows.jsonl"
    place.write_text(place.read_text().replace('"Yes"', '"No"').replace('"tenure": 40', '"tenure": "forty"'))
    with running(service_python, project, grouping="on") as live:
        proof = replay(read_rows(project), "127.0.0.1", live.port, "image")
    assert (proof.level, [way.mismatches for way in proof.ways]) == (Level.DIFFERENT, [2, 2, 3, 2])
    assert proof.ways[0].first[0]["expected"] == {"prediction": "No"} and proof.ways[0].first[1]["obtained"]["refused"]["status"] == 422
    assert not proof.grouping.is_proved


def test_a_model_whose_batches_differ_is_not_grouped(service_python: Path, tmp_path: Path) -> None:
    project = projects.table(tmp_path)
    code = project / "src" / "churn" / "predict.py"
    code.write_text(code.read_text().replace("    return answers", "    answers[0]['probabilities']['Yes'] += 1e-6 * (len(rows) > 2)\n    return answers"))
    with running(service_python, project, grouping="on") as live:
        proof = replay(read_rows(project), "127.0.0.1", live.port, "image")
    assert proof.level is Level.IDENTICAL and proof.grouping.sizes == (2,) and proof.grouping.most_rows == 2


def test_from_64_rows_on_larger_requests_hold_rows_again(service_python: Path, tmp_path: Path) -> None:
    project = projects.table(tmp_path)
    place = project / "model" / "proof_rows.jsonl"
    place.write_text(place.read_text() * 22)
    rows = read_rows(project)
    with running(service_python, project, grouping="on") as live:
        proof = replay(rows, "127.0.0.1", live.port, "image")
    asked = [(way.name, way.rows, way.mismatches) for way in proof.ways if way.rows > len(rows)]
    assert len(rows) == 66 and asked == [("256 in a request", 256, 0), ("1000 in a request", 1000, 0)]
    assert proof.grouping.most_rows == 1000


def test_images_are_replayed_as_files(image: Live) -> None:
    proof = replay(read_rows(image.project), "127.0.0.1", image.port, "image")
    assert proof.level is Level.IDENTICAL and [way.rows for way in proof.ways] == [2, 2, 2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = projects.table(tmp_path_factory.mktemp("served"))
    major, minor = sys.version_info[:2]
    (made / "pyproject.toml").write_text(MANIFEST.format(name="churn", version=f"{major}.{minor}", after=f"{major}.{minor + 1}"))
    (made / "uv.lock").unlink()
    process.run(uv.lock(made, python=sys.executable), check=True)
    process.run(uv.sync(made, python=sys.executable), check=True)
    return made


def ferrata(project: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "ferrata", *arguments]
    return subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=_interruptible)


def _interruptible() -> None:
    """What a shell has begun in the background ignores interrupts, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
def test_the_proof_is_made_once_and_again_when_something_changed(project: Path) -> None:
    before = versions(project)
    page = serve(ServeRequest(is_proof=True), RecordingReporter(), told, folder=project)
    assert page is not None and (page.status, page.data["outcome"]) == (0, "proved")
    recorded: dict[str, Any] = json.loads((project / "evidence" / "serve.json").read_text())
    assert recorded["level"] == "identical" and recorded["grouping"] == {"is_proved": True, "level": "identical", "most_rows": 3, "sizes": [2, 3]}
    text = (project / "pyproject.toml").read_text()
    assert "# The author's own line." in text and "[dependency-groups]\nserve = [" in text
    assert before.items() <= versions(project).items(), "the packages of the model keep their versions"
    assert "--hash=sha256:" in (project / "service" / "requirements.txt").read_text()
    assert "ferrata" not in "".join(path.read_text() for path in (project / "service").glob("*.py"))


def versions(project: Path) -> dict[str, str]:
    return {each["name"]: each.get("version", "") for each in tomllib.loads((project / "uv.lock").read_text())["package"]}


@pytest.mark.slow
def test_it_serves_until_it_is_told_to_end(project: Path) -> None:
    port = free_port()
    served = ferrata(project, "serve", "--port", str(port), "--json")
    assert served.stdout is not None
    data = json.loads("".join(iter(lambda: served.stdout.readline(), "}\n")) + "}")  # type: ignore[union-attr]
    assert (data["outcome"], data["url"], data["level"]) == ("serving", f"http://127.0.0.1:{port}", "identical")
    done = subprocess.run(["sh", "-c", data["curl"] + " -s"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["prediction"] in ("Yes", "No")
    caller = Caller("127.0.0.1", port)
    assert caller.get("/version")[1]["rows_in_one_call"] == 3, "the evidence is of this very service"
    caller.close()
    served.send_signal(signal.SIGINT)
    assert served.wait(60) == 0


def test_a_client_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    made = projects.table(tmp_path)
    assert client("js", folder=made / "model").data["file"] == str(made / "clients" / "churn.js")
    assert client("python", "here.py", folder=made).data["file"] == str(made / "here.py")
    with pytest.raises(UsageError, match="is a folder"):
        client("python", "model", folder=made)
