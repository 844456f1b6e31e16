"""The pages of `ferrata serve`: where the service is and how to call it, and the proof that its answers are the notebook's."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.pages.levels import level_style, level_words
from ferrata.records.page import Code, Page, Section, Table, Text
from ferrata.records.proof import Level
from ferrata.records.service import ServiceProof, Serving, Way
from ferrata.records.signature import PLACE

_SUBJECT = "the answers of the service over HTTP, against the notebook's own predictions"
LANGUAGES = ("js", "python", "swift", "kotlin", "dart", "curl")


def serving_page(serving: Serving) -> Page:
    signature = serving.signature
    addresses = Table(("", ""), (("try it", f"{serving.url}/"), ("API", f"{serving.url}/docs"), ("what goes in and out", f"{serving.url}/signature")))
    is_prepared = signature["level"] == "prepared"
    blocks = (
        Text("It takes prepared features: the way from the raw input to them could not be derived.", "warn") if is_prepared else None,
        addresses,
        Section("From a shell", (Code(curl_line(serving), "sh"),)),
        Section("From a program", (Text(f"ferrata client {'|'.join(LANGUAGES)} writes a client; service/USE.md shows how to use it."),)),
        _proof_line(serving),
        Text(f"Written: {', '.join(serving.written)}. Commit them.", "faint") if serving.written else None,
        Text("Ctrl-C ends it.", "faint"),
    )
    return Page(f"{signature['name']} is served at {serving.url}", tuple(block for block in blocks if block), _serving_data(serving))


def proof_page(serving: Serving) -> Page:
    """Status 1 where an answer differs."""
    proof = serving.proof
    assert proof is not None
    rows = proof.ways[0].rows
    wrong = max(way.mismatches for way in proof.ways)
    verdict = f"{wrong} of {rows} answers differ from the notebook's" if wrong else f"all {rows} answers are the notebook's: {proof.level.value}"
    table = Table(
        ("asked", "rows", "mismatches", "verdict"),
        tuple((way.name, str(way.rows), str(way.mismatches), level_words(way.level)) for way in proof.ways),
        styles=tuple(level_style(way.level) for way in proof.ways),
    )
    first = [Section("The first that differ", (_differences(way),)) for way in proof.ways if way.first][:1]
    written = [Text(f"Written: {', '.join(serving.written)}. Commit them.", "faint")] if serving.written else []
    blocks = (Text(f"{_SUBJECT}; rows: {proof.of}.", "faint"), table, *first, Text(_grouping_words(proof)), *written)
    return Page(f"{serving.signature['name']} over HTTP: {verdict}", blocks, proof_data(proof), status=1 if wrong else 0)


def proof_data(proof: ServiceProof) -> dict[str, Any]:
    ways = [{"name": way.name, "rows": way.rows, "mismatches": way.mismatches, "level": way.level, "first": list(way.first)} for way in proof.ways]
    grouping = proof.grouping
    return {
        "schema_version": SCHEMA_VERSION, "outcome": "different" if any(way.mismatches for way in proof.ways) else "proved", "level": proof.level,
        "subject": _SUBJECT, "of": proof.of, "ways": ways,
        "grouping": {"is_proved": grouping.is_proved, "level": grouping.level, "most_rows": grouping.most_rows, "sizes": list(grouping.sizes)},
        "identity": proof.identity,
    }  # fmt: skip


def client_page(language: str, file: Path, name: str) -> Page:
    data = {"schema_version": SCHEMA_VERSION, "outcome": "written", "language": language, "file": str(file)}
    return Page(f"A client of {name} is in {file}", (Text("service/USE.md shows how it is used, once `ferrata serve` has run.", "faint"),), data)


def curl_line(serving: Serving) -> str:
    """The example of the signature as one command."""
    signature = serving.signature
    key = ' -H "Authorization: Bearer $KEY"' if serving.needs_key else ""
    if signature["kind"] == "image":
        return f"curl {serving.url}/predict{key} -F {shlex.quote(signature['inputs'][0]['name'] + '=@picture.jpg')}"
    example = signature["example"]["input"]
    return f"curl {serving.url}/predict{key} -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(example, ensure_ascii=False))}"


def curl_of(url: str, key: str, project: Path) -> str:
    """The example of a project's signature as one command, with its key."""
    signature = json.loads((project / PLACE).read_text(encoding="utf-8"))
    return curl_line(Serving(project, url, signature, needs_key=True)).replace("$KEY", key)


def _differences(way: Way) -> Table:
    rows = tuple((str(each["row"]), json.dumps(each["expected"], ensure_ascii=False), json.dumps(each["obtained"], ensure_ascii=False)) for each in way.first)
    return Table(("row", "expected", "obtained"), rows, styles=("bad",) * len(rows))


def _grouping_words(proof: ServiceProof) -> str:
    grouping = proof.grouping
    if grouping.is_proved:
        alike = f"Rows asked for together get the answers that they get alone ({grouping.level.value})"
        return f"{alike}, so up to {grouping.most_rows} waiting requests share a call."
    return "Rows asked for together were not seen to get the answers that they get alone, so every request is answered by itself."


def _proof_line(serving: Serving) -> Text:
    level = serving.proof.level.value if serving.proof else serving.recorded_level
    if not level:
        return Text("Its answers were not compared with the notebook's: there are no proof rows (model/proof_rows.jsonl).", "warn")
    return Text(f"Its answers over HTTP against the notebook's: {level_words(Level(level))} (evidence/serve.md).", level_style(Level(level)))


def _serving_data(serving: Serving) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION, "outcome": "serving", "project": str(serving.project), "name": serving.signature["name"], "url": serving.url,
        "curl": curl_line(serving), "needs_key": serving.needs_key, "level": serving.proof.level if serving.proof else serving.recorded_level or None,
        "changed_files": list(serving.written),
    }  # fmt: skip
