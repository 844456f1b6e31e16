"""The clients: those for JavaScript, Python and the shell call a live service, the others are read by a parser of their language."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.serving import projects
from tests.serving.conftest import Live

from ferrata.steps.serving.client_types import names
from ferrata.steps.serving.clients import LANGUAGES, client_file, write_client, write_guide

PARSE = """
import importlib, json, sys
import tree_sitter
grammar, file = sys.argv[1:]
parser = tree_sitter.Parser(tree_sitter.Language(importlib.import_module(grammar).language()))
text = open(file, "rb").read()
bad = []
def walk(node):
    if node.is_error or node.is_missing:
        bad.append([node.start_point[0] + 1, text[node.start_byte:node.end_byte].decode()[:80]])
    for child in node.children:
        walk(child)
walk(parser.parse(text).root_node)
print(json.dumps(bad))
"""
GRAMMARS = {"swift": "tree_sitter_swift", "kotlin": "tree_sitter_kotlin", "dart": "tree_sitter_dart_orchard"}
SERIES = [projects.field("series", "array", example=[1, 2.5, 3])]
HARD = [
    projects.field("class", "integer", nullable=True, example=None), projects.field("2nd", "number", example=3), projects.field("2 nd", "number", example=0.5),
    projects.field("$price \\ 'each'\n", "string", example="$5 \\ \"it's\" ${x}\n\t"), projects.field("Größe", "boolean", example=True),
    projects.field("*/ when", "datetime", nullable=True, example="2026-01-01T00:00:00"), projects.field("中", "string", nullable=True, example=None),
]  # fmt: skip
SIGNATURES = {
    "hard names": projects.signature("1 hard-name", "table", "regression", HARD, {"type": "number", "labels": None}),
    "series": projects.signature("sales", "series", "forecast", SERIES, {"type": "array", "labels": None}),
}


def signature_of(live: Live) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((live.project / "model" / "signature.json").read_text(encoding="utf-8"))
    return found


def write(folder: Path, signature: dict[str, Any], language: str) -> Path:
    place = folder / client_file(signature, language)
    place.write_text(write_client(signature, language), encoding="utf-8")
    return place


def test_the_python_client(table: Live, image: Live, tmp_path: Path) -> None:
    write(tmp_path, signature_of(table), "python")
    write(tmp_path, signature_of(image), "python")
    code = f"""
import json
from churn_client import EXAMPLE, Client, ServiceError
from shades_client import Client as Shades
client = Client("{table.url}/")
print(json.dumps([client.predict(EXAMPLE), client.predict_many([EXAMPLE, EXAMPLE]), client.signature()["name"]]))
for url, row in (("{table.url}", {{**EXAMPLE, "tenure": "x"}}), ("http://127.0.0.1:9", EXAMPLE)):
    try:
        Client(url, timeout=5).predict(row)
    except ServiceError as error:
        print(json.dumps([error.status, str(error), error.errors]))
picture = open({str(image.project / "data" / "light.png")!r}, "rb").read()
print(json.dumps([Shades("{image.url}").predict(picture), Shades("{image.url}").predict_many([picture])]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    check(table, image, [json.loads(line) for line in done.stdout.splitlines()])


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node on this machine")
def test_the_javascript_client(table: Live, image: Live, tmp_path: Path) -> None:
    for live in (table, image):
        write(tmp_path, signature_of(live), "js").rename(tmp_path / f"{live.project.name}.mjs")
    code = f"""
import {{ readFileSync }} from "node:fs";
import {{ EXAMPLE, Client, ServiceError }} from "./churn.mjs";
import {{ Client as Shades }} from "./shades.mjs";
const say = (value) => console.log(JSON.stringify(value));
const client = new Client("{table.url}/");
say([await client.predict(EXAMPLE), await client.predictMany([EXAMPLE, EXAMPLE]), (await client.signature()).name]);
for (const [url, row] of [["{table.url}", {{ ...EXAMPLE, tenure: "x" }}], ["http://127.0.0.1:9", EXAMPLE]]) {{
  try {{ await new Client(url, {{ timeout: 5000 }}).predict(row); }}
  catch (error) {{ if (!(error instanceof ServiceError)) throw error; say([error.status, error.message, error.errors]); }}
}}
const picture = readFileSync({json.dumps(str(image.project / "data" / "light.png"))});
say([await new Shades("{image.url}").predict(picture), await new Shades("{image.url}").predictMany([new Blob([picture])])]);
"""
    (tmp_path / "use.mjs").write_text(code)
    done = subprocess.run(["node", "use.mjs"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    check(table, image, [json.loads(line) for line in done.stdout.splitlines()])


def check(table: Live, image: Live, said: list[Any]) -> None:
    """What both clients were asked, with what the service answers."""
    one = table.post(signature_of(table)["example"]["input"])[1]
    picture = image.post((image.project / "data" / "light.png").read_bytes(), **{"content-type": "image/png"})[1]
    assert said[0] == [one, [one, one], "churn"]
    assert said[1][:2] == [422, 'tenure: expected an integer, received the text "x"'] and said[1][2][0]["field"] == "tenure"
    assert said[2][0] == 0 and "cannot be used" in said[2][1] and said[2][2] == []
    assert said[3] == [picture, [picture]]


def test_the_shell_client(table: Live, image: Live, tmp_path: Path) -> None:
    churn, shades = (write(tmp_path, signature_of(live), "curl") for live in (table, image))
    environment = {"PATH": "/usr/bin:/bin", "URL": table.url}
    done = subprocess.run(["sh", churn], capture_output=True, text=True, env=environment, check=True)
    assert json.loads(done.stdout)["prediction"] in ("Yes", "No")
    (tmp_path / "bad.json").write_text("[]")
    refused = subprocess.run(["sh", churn, tmp_path / "bad.json"], capture_output=True, text=True, env=environment)
    assert refused.returncode == 22 and json.loads(refused.stdout)["title"] == "The input does not fit the signature"
    environment["URL"] = image.url
    done = subprocess.run(["sh", shades, image.project / "data" / "dark.png"], capture_output=True, text=True, env=environment, check=True)
    assert json.loads(done.stdout)["prediction"] == "dark"


@pytest.mark.parametrize("language", GRAMMARS)
def test_the_others_are_of_their_language(parsers_python: Path, make: Callable[[str], Path], tmp_path: Path, language: str) -> None:
    damaged = write(tmp_path, SIGNATURES["series"], language)
    damaged.write_text(damaged.read_text(encoding="utf-8").rstrip().removesuffix("}"), encoding="utf-8")
    assert json.loads(parse(parsers_python, language, damaged)), "the parser notices what is wrong"
    made = {kind: json.loads((make(kind) / "model" / "signature.json").read_text(encoding="utf-8")) for kind in projects.KINDS}
    for name, signature in {**made, **SIGNATURES}.items():
        place = write(tmp_path, signature, language)
        assert json.loads(parse(parsers_python, language, place)) == [], name


def parse(python: Path, language: str, place: Path) -> str:
    """What of the file its language does not have, as JSON."""
    return subprocess.run([python, "-c", PARSE, GRAMMARS[language], place], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", SIGNATURES)
def test_any_name_and_value_can_be_written(tmp_path: Path, name: str) -> None:
    signature = SIGNATURES[name]
    subprocess.run([sys.executable, write(tmp_path, signature, "python")], check=True)
    subprocess.run(["sh", "-n", write(tmp_path, signature, "curl")], check=True)
    if shutil.which("node"):
        place = write(tmp_path, signature, "js").rename(tmp_path / "a.mjs")
        subprocess.run(["node", "--check", place], check=True)


def test_names_are_told_apart() -> None:
    assert names(SIGNATURES["hard names"]) == ["classValue", "field2nd", "field2Nd", "priceEach", "grE", "whenValue", "field"]


def test_the_guide_has_every_language() -> None:
    guide = write_guide(SIGNATURES["series"])
    assert all(f"`ferrata client {language}` writes" in guide for language in LANGUAGES)
