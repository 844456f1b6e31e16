"""A run as a file for a colleague: it holds no data, and is enough to name the cause."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.explaining.planted import Place, own_environment
from tests.explaining.samples import orders

from ferrata.errors import OutsideError, ProjectError, UsageError
from ferrata.flow.exporting import export_run
from ferrata.pages.terminal import to_text


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path / "project", own_environment(()))
    found.make(orders())
    return found


def test_a_file_without_data_names_the_cause_elsewhere(place: Place, tmp_path: Path) -> None:
    place.change("params.yaml", "rate: 0.92", "rate: 0.95")
    place.run()
    page = export_run("", str(tmp_path / "theirs.json"), folder=place.folder)
    shutil.rmtree(place.folder / ".dvc/cache")
    text = Path(page.data["file"]).read_text()
    assert page.status == 0 and "Kunde" not in text and len(text) < 100_000
    place.git("checkout", "-q", "--", "params.yaml")
    head, first, *rows = place.read("data/orders.csv").split("\n")
    place.write("data/orders.csv", "\n".join([head, *rows[40:]]))
    found = place.why(str(tmp_path / "theirs.json"))
    verdicts = {each["differences"][0]["name"]: each["effect"] for each in found.data["verdicts"]}
    assert verdicts["prepare.rate"] == "part", to_text(found)
    (data,) = [name for name in verdicts if name.startswith("data/orders.csv")]
    assert verdicts[data] == "not-tried" and "41 rows only there" in data, "values that are not at hand cannot be put into a trial"
    assert found.data["outcome"] == "partly"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the folder `tmp_path` is served."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_file_may_be_at_an_address(place: Place, tmp_path: Path, address: str) -> None:
    place.run()
    export_run("last", str(tmp_path / "theirs.json"), folder=place.folder)
    assert place.why(f"{address}/theirs.json").data["outcome"] == "same"
    with pytest.raises(OutsideError, match="404"):
        place.why(f"{address}/other.json")


def test_rows_that_the_other_side_does_not_have_are_taken_out_by_their_hashes(place: Place, tmp_path: Path) -> None:
    place.run()
    export_run("last", str(tmp_path / "theirs.json"), folder=place.folder)
    head, *rows = place.read("data/orders.csv").split("\n")
    place.write("data/orders.csv", "\n".join([head, "900,Kunde 3,2024-01-02,9000.00,EUR,paid", *rows[:-1]]) + "\n")
    found = place.why(str(tmp_path / "theirs.json"))
    assert [each["differences"][0]["name"] for each in found.data["verdicts"]] == ["data/orders.csv: 1 row only here (1)"]
    assert found.data["outcome"] == "explained", to_text(found)


def test_what_is_no_result_is_said(place: Place, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="No run is recorded"):
        export_run(folder=place.folder)
    place.run()
    with pytest.raises(ProjectError, match="no run 2020"):
        export_run("2020", folder=place.folder)
    (tmp_path / "broken.json").write_text(json.dumps({"kind": "ferrata-run"}))
    for typed in ("nonsense", str(tmp_path / "broken.json")):
        with pytest.raises(UsageError):
            place.why(typed)
    with pytest.raises(ProjectError, match="no score"):
        place.why("happiness=3")
