"""Send a service what nobody should, as its signature suggests, and say as JSON how it took it: fuzz.py PORT PART COUNT.

A refusal of the service is fine. A 5xx, an answer that takes ten seconds, a refusal that is no problem document, and one that tells of our insides are not:
hypothesis then looks for the smallest request that gets it.
"""

from __future__ import annotations

import collections
import http.client
import io
import json
import string
import struct
import sys
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PORT, PART, COUNT = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
SECONDS = 10
seen: collections.Counter[int] = collections.Counter()
connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=SECONDS)


def ask(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> int:
    """The status; AssertionError for what must not happen."""
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
    except (http.client.RemoteDisconnected, ConnectionError, http.client.BadStatusLine):
        connection.close()  # it may close on what is no HTTP, and after an answer that says so
        seen[0] += 1
        return 0
    seen[answer.status] += 1
    assert answer.status < 500, (answer.status, method, path, headers, body[:300], text[:300])
    assert b"Traceback" not in text and b"site-packages" not in text, text[:500]
    if answer.status >= 400 and answer.getheader("content-type") != "text/plain; charset=utf-8":  # uvicorn's own, for what is no HTTP
        assert answer.getheader("content-type") == "application/problem+json", (answer.status, answer.getheader("content-type"))
        problem = json.loads(text) if method != "HEAD" else {"status": answer.status, "title": "-"}
        assert problem["status"] == answer.status and problem["title"], problem
    return answer.status


def signature() -> dict[str, Any]:
    connection.request("GET", "/signature")
    found: dict[str, Any] = json.loads(connection.getresponse().read())
    return found


SIGNATURE = signature()
KINDS = {
    "integer": st.integers() | st.integers(-100, 100) | st.sampled_from([0, -1, 2**31, 2**63 - 1, 2**63, -(2**63), 2**64, 10**300, 10**400]),
    "number": st.floats() | st.integers() | st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324, 10**400]),
    "string": st.text() | st.sampled_from(["", "\0", "nan", "None", "a" * 70_000, "\u202e", "😀", "'; DROP TABLE", "\ud800"]),
    "boolean": st.booleans(),
    "datetime": st.datetimes().map(str) | st.text(),
}
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=5)


def likely(field: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Mostly what the field takes, so that the model is reached."""
    fitting = st.sampled_from(field["categories"]) if field.get("categories") else KINDS.get(field["type"], st.text())
    return st.one_of(fitting, fitting, st.just(field.get("example")), st.none(), ANYTHING)


ROW = st.fixed_dictionaries({field["name"]: likely(field) for field in SIGNATURE["inputs"]})
GOOD = st.fixed_dictionaries({field["name"]: st.just(field.get("example")) for field in SIGNATURE["inputs"]})
FITTING = {"integer": st.integers(-(2**63), 2**63 - 1), "number": st.floats(allow_nan=False, allow_infinity=False), "boolean": st.booleans()}
TYPED = st.fixed_dictionaries({
    field["name"]: st.sampled_from(field["categories"]) if field.get("categories") else FITTING.get(field["type"], st.text(max_size=9))
    for field in SIGNATURE["inputs"]
})  # fmt: skip
CHANGED = GOOD.flatmap(lambda row: st.tuples(st.sampled_from(list(row)), ANYTHING).map(lambda change: {**row, change[0]: change[1]}))
ROWS = st.one_of(TYPED, CHANGED, ROW, ANYTHING)
TENSOR = st.fixed_dictionaries({
    "name": st.sampled_from([field["name"] for field in SIGNATURE["inputs"]]) | ANYTHING,
    "shape": st.just([1]) | st.lists(st.integers(-2, 3), max_size=3) | LEAF,
    "datatype": st.sampled_from(["INT64", "FP64", "BOOL", "BYTES", "FP32"]) | ANYTHING, "data": st.lists(LEAF, max_size=3) | ANYTHING,
})  # fmt: skip
TYPES = st.sampled_from(
    ["application/json", "application/json; charset=latin-1", "text/plain", "multipart/form-data; boundary=b", "multipart/form-data", "", "image/png", "a/b;c"]
)
OF_HTTP = ("content-length", "transfer-encoding", "host", "connection", "expect", "upgrade")
NAMES = st.text(string.ascii_letters + "-", min_size=1, max_size=12).filter(lambda name: name.lower() not in OF_HTTP)
HEADERS = st.dictionaries(NAMES, st.text(string.printable[:95], max_size=40), max_size=3)
PATHS = st.lists(st.text(string.ascii_letters + string.digits + "%/.~?&=-_;", max_size=12), max_size=4).map(lambda parts: "/" + "/".join(parts))


def as_body(value: Any) -> bytes:
    """JSON with the NaN, the infinity and the half characters that Python writes."""
    return json.dumps(value).encode()


def picture() -> bytes:
    """A grey PNG of 64 × 48."""
    import zlib

    parts = ((b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress((b"\0" + b"\x80" * 64) * 48)), (b"IEND", b""))
    file = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    file.seek(0, io.SEEK_END)
    for kind, content in parts:
        file.write(struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content)))
    return file.getvalue()


PICTURE = picture()


@st.composite
def broken_pictures(draw: st.DrawFn) -> bytes:
    """A picture with some bytes changed, cut off, or put in twice; sometimes whole."""
    content = bytearray(PICTURE)
    for place in draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[place] = draw(st.integers(0, 255))
    start, end = draw(st.integers(0, len(content))), draw(st.integers(0, len(content)))
    return bytes(content[:end]) if draw(st.booleans()) else bytes(content[:start] + content[end:]) if draw(st.booleans()) else bytes(content)


DATATYPES = {"integer": "INT64", "number": "FP64", "boolean": "BOOL"}


def variants(row: Any) -> list[Any]:
    """A row, several, and what is near it: drawing one takes longer than sending ten."""
    if not isinstance(row, dict) or not row:
        return [row, [row], [[row]], {"rows": [row]}]
    first, last = list(row)[0], list(row)[-1]
    return [
        row, [row] * 3, [row, None], {**row, "": 0}, {name: value for name, value in row.items() if name != first}, {**row, last: [row[last]]},
        {name: str(value) for name, value in row.items()}, {**row, first: row[last], last: row[first]}, {name.upper(): value for name, value in row.items()},
    ]  # fmt: skip


@given(ROWS)
def rows(row: Any) -> None:
    for body in variants(row):
        ask("POST", "/predict", as_body(body), {"content-type": "application/json"})


@given(st.lists(TENSOR, max_size=3) | ANYTHING)
def tensors(given: Any) -> None:
    fields = [(field["name"], DATATYPES.get(field["type"], "BYTES"), field["example"]) for field in SIGNATURE["inputs"]]
    example = [{"name": name, "shape": [1], "datatype": kind, "data": [value]} for name, kind, value in fields]
    for inputs in (given, [*example, *given] if isinstance(given, list) else example, [{**each, "data": given} for each in example], {"inputs": given}):
        ask("POST", f"/v2/models/{SIGNATURE['name']}/infer", as_body({"inputs": inputs}), {"content-type": "application/json"})


@given(st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]), PATHS | st.just("/predict"), HEADERS, TYPES, st.binary(max_size=300))
def requests(method: str, path: str, headers: dict[str, str], kind: str, body: bytes) -> None:
    ask(method, path, body, {**headers, "content-type": kind})


@given(broken_pictures())
def pictures(content: bytes) -> None:
    ask("POST", "/predict", content, {"content-type": "application/octet-stream"})


@given(broken_pictures() | st.binary(max_size=60), st.text(string.ascii_letters, max_size=6) | st.just(SIGNATURE["inputs"][0]["name"]), st.booleans())
def forms(content: bytes, name: str, is_whole: bool) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"; filename="x"\r\n\r\n' + content + (b"\r\n--b--\r\n" if is_whole else b"")
    ask("POST", "/predict", body, {"content-type": "multipart/form-data; boundary=b"})


PARTS = {"rows": rows, "tensors": tensors, "requests": requests, "pictures": pictures, "forms": forms}
if __name__ == "__main__":
    patient = settings(max_examples=COUNT, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    patient(PARTS[PART])()
    print(json.dumps({"asked": sum(seen.values()), "statuses": {str(status): count for status, count in sorted(seen.items())}}))
