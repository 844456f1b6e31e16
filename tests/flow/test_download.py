"""A notebook that reads from the network: the address becomes a file with a hash, fetched once, and the pipeline needs no network."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


class Counting(SimpleHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "served"
    folder.mkdir()
    Counting.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Counting, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("author", ["fails_after_scores"], indirect=True)
def test_an_address_becomes_a_declared_download(author: Any, address: str, tmp_path: Path) -> None:
    shutil.move(author.folder / "patients.csv", tmp_path / "served")
    text = author.notebook.read_text(encoding="utf-8").replace("'patients.csv'", f"'{address}/patients.csv?key=abc'")
    assert address in text
    author.notebook.write_text(text, encoding="utf-8")
    done = subprocess.run(author.command, env=author.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)
    answer = json.loads(done.stdout)
    assert (answer["outcome"], answer["level"]) == ("proved", "identical"), answer
    assert Counting.asked == ["/patients.csv?key=abc"]
    tracked = (author.target / "data" / "patients.csv.dvc").read_text(encoding="utf-8")
    assert tracked.startswith(f"desc: Downloaded from {address}/patients.csv\n") and "md5: " in tracked
    assert f"<{address}/patients.csv>" in (author.target / "README.md").read_text(encoding="utf-8")
    written = [path for path in author.target.rglob("*.py") if ".venv" not in path.parts]
    assert not [path.name for path in written if address in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("author", ["fails_after_scores"], indirect=True)
def test_what_is_not_there_is_named_with_its_address(author: Any, address: str) -> None:
    (author.folder / "patients.csv").unlink()
    text = author.notebook.read_text(encoding="utf-8").replace("'patients.csv'", f"'{address}/patients.csv'")
    author.notebook.write_text(text, encoding="utf-8")
    before = author.digests()
    done = subprocess.run(author.command, env=author.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)
    answer = json.loads(done.stdout)
    assert done.returncode == 1 and answer["outcome"] == "not-run" and answer["cause"]["cell"] == 1, answer["cause"]
    assert f"{address}/patients.csv" in json.dumps(answer["cause"])
    assert author.digests() == before and not author.target.exists()
