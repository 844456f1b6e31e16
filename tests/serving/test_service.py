"""The service of a project: first what it refuses and how, then what it answers."""

from __future__ import annotations

import base64
import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.serving.conftest import Live, running
from tests.serving.projects import CHURN, in_base64, png

ROW: dict[str, Any] = {"tenure": 12, "Monthly Charges": 70.35, "contract": "One year", "senior": False}
NOTE = CHURN[4]["name"]

KNOWN = 'one of "Month-to-month", "One year", "Two year"'
REFUSED = {
    "a text for an integer": ({**ROW, "tenure": "12"}, "tenure", "an integer", 'the text "12"'),
    "half an integer": ({**ROW, "tenure": 1.5}, "tenure", "an integer", "the number 1.5"),
    "a truth value for an integer": ({**ROW, "tenure": True}, "tenure", "an integer", "true"),
    "an integer that no column holds": ({**ROW, "tenure": 2**70}, "tenure", "an integer", "the number 1.1805916207174113e+21"),
    "null where nothing may be missing": ({**ROW, "tenure": None}, "tenure", "an integer", "null"),
    "an integer for a truth value": ({**ROW, "senior": 1}, "senior", "true or false", "the integer 1"),
    "a list for a text": ({**ROW, "contract": ["One year"]}, "contract", "a text", "a list"),
    "a missing field": ({name: value for name, value in ROW.items() if name != "tenure"}, "tenure", "an integer", "nothing"),
    "a field of another name": ({**ROW, "tenur": 1}, "tenur", "one of the fields; 'tenure' is near", "a field of another name"),
    "a category that the author's code rejects": ({**ROW, "contract": "Three"}, "contract", KNOWN, 'the text "Three"'),
    "no object": (3, None, f"an object with tenure, Monthly Charges, contract, senior, {NOTE}", "the integer 3"),
    "no row": ([], None, "at least one row", "an empty list"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_which_field_what_was_expected_and_what_came(table: Live, name: str) -> None:
    body, field, expected, received = REFUSED[name]
    status, headers, problem = table.ask("POST", "/predict", body)
    assert (status, headers["content-type"], problem["status"]) == (422, "application/problem+json", 422)
    assert {key: problem["errors"][0][key] for key in ("field", "expected", "received")} == {"field": field, "expected": expected, "received": received}


NOT_TAKEN: dict[str, tuple[str, str, bytes, dict[str, str], int, str]] = {
    "no JSON": ("POST", "/predict", b"{", {"content-type": "application/json"}, 400, "not-json"),
    "NaN": ("POST", "/predict", b'{"tenure": NaN}', {"content-type": "application/json"}, 400, "not-json"),
    "infinity by its size": ("POST", "/predict", b'{"tenure": 1e999}', {"content-type": "application/json"}, 400, "not-json"),
    "half a character": ("POST", "/predict", b'{"contract": "\\ud800"}', {"content-type": "application/json"}, 400, "not-json"),
    "a number of 5,000 digits": ("POST", "/predict", b"[" + b"1" * 5000 + b"]", {"content-type": "application/json"}, 400, "not-json"),
    "100,000 lists in one another": ("POST", "/predict", b"[" * 100_000, {"content-type": "application/json"}, 400, "not-json"),
    "no UTF-8": ("POST", "/predict", b'"\xff"', {"content-type": "application/json"}, 400, "not-json"),
    "no type": ("POST", "/predict", b"{}", {}, 415, "wrong-type"),
    "5 MB": ("POST", "/predict", b" " * 5_000_000, {"content-type": "application/json"}, 413, "too-large"),
    "3,000 rows": ("POST", "/predict", json.dumps([ROW] * 3000).encode(), {"content-type": "application/json"}, 413, "too-large"),
    "another address": ("GET", "/nothing", b"", {}, 404, "not-found"),
    "another method": ("GET", "/predict", b"", {}, 405, "wrong-method"),
    "another model": ("GET", "/v2/models/other", b"", {}, 404, "not-found"),
    "another host's name": ("GET", "/signature", b"", {"host": "evil.example"}, 403, "wrong-host"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_every_refusal_is_a_problem_document(table: Live, name: str) -> None:
    method, path, body, headers, status, kind = NOT_TAKEN[name]
    got, sent, problem = table.ask(method, path, body, headers)
    assert (got, sent["content-type"], problem["type"]) == (status, "application/problem+json", f"/docs#{kind}")


def test_an_error_of_the_author_s_code_is_told_without_its_insides(table: Live) -> None:
    status, problem = table.post({**ROW, "tenure": 666})
    assert (status, problem["type"]) == (422, "/docs#rejected")
    assert "Traceback" not in json.dumps(problem) and "ZeroDivision" not in json.dumps(problem)
    assert table.post(ROW)[0] == 200


def test_the_log_holds_nothing_that_was_sent(table: Live) -> None:
    table.post({**ROW, NOTE: "Erika Mustermann", "tenure": "secret"})
    table.post({**ROW, NOTE: "Erika Mustermann", "tenure": 666})
    table.ask("GET", "/Erika?name=Mustermann")
    text = table.log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert not any(word in text for word in ("Erika", "Mustermann", "secret", "author did not think"))
    assert any({"path": "/predict", "status": 422}.items() <= line.items() for line in lines)
    assert any(line.get("error") == "ZeroDivisionError" and line["place"].startswith("predict.py:") for line in lines)


def test_an_origin_that_was_not_named_may_not_call(table: Live) -> None:
    _, headers, _ = table.ask("OPTIONS", "/predict", None, {"origin": "https://a.example", "access-control-request-method": "POST"})
    assert not [name for name in headers if name.lower().startswith("access-control")]


# 8 by 8 pixels, all light.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/"
    "wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8Aef/Z"
)
BROKEN = {
    "a JPEG without its end": (JPEG[:-4], "a file that cannot be read as an image"),
    "nothing": (b"", "an empty file"),
    "no image": (b"GIF89a but not really", "a file that cannot be read as an image"),
    "half an image": (png(400, 400, 9)[:-30], "a file that cannot be read as an image"),
    "half a small image": (png(40, 40, 9)[:-30], "a file that cannot be read as an image"),
    "a bomb": (png(1, 1, 9, declared=(60_000, 60_000)), "many times more"),
    "too many pixels": (png(1, 1, 9, declared=(7000, 7000)), "7000 × 7000 pixels"),
    "another format": (b"BM" + (70).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little") + (40).to_bytes(4, "little") + (1).to_bytes(4, "little") * 2
                       + (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24) + bytes(16), "an image of format bmp"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_image_is_refused_before_the_model_sees_it(image: Live, name: str) -> None:
    content, received = BROKEN[name]
    status, problem = image.post(content, **{"content-type": "application/octet-stream"})
    assert (status, problem["errors"][0]["field"], problem["errors"][0]["received"]) == (422, "image", received)
    status, problem = image.post({"image": in_base64(content)})
    assert (status, problem["errors"][0]["received"]) == (422, received)


@pytest.fixture(scope="module")
def impatient(service_python: Path, make: Callable[[str], Path]) -> Iterator[Live]:
    with running(service_python, make("table"), header_seconds="1", body_seconds="1", connections="40") as live:
        yield live


def test_a_slow_client_is_left(impatient: Live) -> None:
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
    for sent, expected in ((b"", b""), (b"POST /pre", b""), (head, b"HTTP/1.1 408")):
        with socket.create_connection(("127.0.0.1", impatient.port), timeout=10) as slow:
            slow.sendall(sent)
            started = time.monotonic()
            try:
                answer = slow.recv(1000)
            except ConnectionError:
                answer = b""
            assert answer.startswith(expected) and time.monotonic() - started < 5, sent
    assert impatient.post(ROW)[0] == 200


def test_headers_without_end_are_refused(impatient: Live) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=10) as endless:
        endless.sendall(b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 70_000)
        try:
            assert endless.recv(100).startswith((b"HTTP/1.1 431", b""))
        except ConnectionError:
            pass
    assert impatient.ask("GET", "/healthz")[0] == 200


def test_idle_connections_do_not_keep_others_out(impatient: Live) -> None:
    idle = [socket.create_connection(("127.0.0.1", impatient.port), timeout=10) for _ in range(60)]
    time.sleep(1.5)
    assert impatient.post(ROW)[0] == 200
    for each in idle:
        each.close()


def test_it_does_not_listen_for_others_without_a_key(service_python: Path, make: Callable[[str], Path]) -> None:
    project = make("table")
    with running(service_python, project):
        pass
    done = subprocess.run([service_python, "-m", "service", "--host", "0.0.0.0", "--port", "1"], cwd=project, capture_output=True, text=True)
    assert done.returncode == 2 and "python -m service key add NAME" in done.stderr


def test_with_a_key_only_who_has_it_is_answered(service_python: Path, make: Callable[[str], Path]) -> None:
    project = make("table")
    with running(service_python, project):
        pass
    made = subprocess.run([service_python, "-m", "service", "key", "add", "website"], cwd=project, capture_output=True, text=True, check=True)
    key, file = made.stdout.strip(), project / "service" / "keys.json"
    assert key not in file.read_text() and file.stat().st_mode & 0o777 == 0o600 and "keys.json" in (project / "service" / ".gitignore").read_text()
    with running(service_python, project, "--host", "0.0.0.0", rate="5", burst="5") as live:
        sent: list[dict[str, str]] = [{}, {"x-api-key": key + "x"}, {"x-api-key": key}, {"authorization": f"Bearer {key}"}]
        assert [live.post(ROW, **headers)[0] for headers in sent] == [401, 401, 200, 200]
        assert [live.ask("GET", path)[0] for path in ("/signature", "/metrics", "/version", "/v2/models/churn", "/openapi.json")] == [401] * 5
        assert [live.ask("GET", path)[0] for path in ("/", "/docs", "/healthz", "/readyz", "/v2/health/ready")] == [200] * 5
        assert 429 in [live.post(ROW, **{"x-api-key": key})[0] for _ in range(8)]
        assert key not in live.log.read_text() and '"key":"website"' in live.log.read_text()


def test_a_named_origin_may_call(service_python: Path, make: Callable[[str], Path]) -> None:
    with running(service_python, make("table"), origins="https://a.example") as live:
        for origin, allowed in (("https://a.example", "https://a.example"), ("https://b.example", None)):
            _, headers, _ = live.ask("POST", "/predict", ROW, {"origin": origin})
            assert headers.get("access-control-allow-origin") == allowed


def test_what_is_being_answered_is_finished_when_it_is_told_to_end(service_python: Path, make: Callable[[str], Path]) -> None:
    project = make("table")
    code = project / "src" / "churn" / "predict.py"
    code.write_text(code.read_text().replace("    answers = []\n", "    import time\n    time.sleep(1)\n    answers = []\n"))
    with running(service_python, project) as live:
        got: list[int] = []
        asking = threading.Thread(target=lambda: got.append(live.post(ROW)[0]))
        asking.start()
        time.sleep(0.4)
        live.process.send_signal(signal.SIGTERM)
        asking.join()
        assert got == [200] and live.process.wait(10) in (0, -signal.SIGTERM)


def test_a_model_that_takes_too_long_is_told(service_python: Path, make: Callable[[str], Path]) -> None:
    project = make("table")
    code = project / "src" / "churn" / "predict.py"
    code.write_text(code.read_text().replace("    answers = []\n", "    import time\n    time.sleep(2 if len(rows) > 1 else 0)\n    answers = []\n"))
    with running(service_python, project, answer_seconds="0.5") as live:
        status, problem = live.post([ROW, ROW])
        assert (status, problem["type"]) == (504, "/docs#no-answer-in-time")



def test_one_input_gives_one_answer_and_a_list_gives_a_list(table: Live) -> None:
    status, one = table.post({**ROW, "tenure": 40, "Monthly Charges": 64.0, NOTE: "x"})
    assert (status, set(one)) == (200, {"prediction", "probabilities"})
    assert table.post([{**ROW, "tenure": 40, "Monthly Charges": 64.0}] * 3) == (200, [one] * 3)
    assert table.post({**ROW, "tenure": 40.0, "Monthly Charges": 64}) == (200, one), "numbers as JavaScript writes them"


def test_a_missing_value_is_what_the_author_s_code_makes_of_it(table: Live) -> None:
    expected = table.post({**ROW, "Monthly Charges": 64.76})
    assert table.post({**ROW, "Monthly Charges": None}) == expected
    assert table.post({name: value for name, value in ROW.items() if name != "Monthly Charges"}) == expected


def test_a_value_outside_of_the_training_data_is_answered_with_a_warning(table: Live) -> None:
    assert table.post({**ROW, "tenure": 100})[1]["warnings"] == [{"field": "tenure", "message": "the integer 100 was not seen in training: 0 to 72."}]


def test_a_category_that_the_author_s_code_refuses_is_told_with_those_that_it_knows(table: Live) -> None:
    status, problem = table.post([ROW, {**ROW, "contract": "Weekly"}])
    error = problem["errors"][0]
    assert (status, error["row"], error["field"], error["expected"], error["received"]) == (422, 1, "contract", KNOWN, 'the text "Weekly"')
    assert problem["detail"].startswith(f'contract: expected {KNOWN}, received the text "Weekly"')


def test_dates_reach_the_author_s_code_as_dates(service_python: Path, make: Callable[[str], Path]) -> None:
    with running(service_python, make("regression")) as live:
        assert live.post({"area": 100, "built": "2000-01-01"})[1] == {"prediction": 121050.0}
        assert live.post({"area": 100, "built": "yesterday"})[1]["errors"][0]["expected"].startswith("a date")


def test_a_gap_that_training_had_none_of_is_answered_with_a_warning_and_never_left_out_by_mistake(service_python: Path, make: Callable[[str], Path]) -> None:
    row = {"area": 100, "built": "2000-01-01"}
    with running(service_python, make("regression"), grouping="on") as live:
        status, answer = live.post({**row, "area": None})
        omitted = live.post({"built": "2000-01-01"})
        required = live.ask("GET", "/openapi.json")[2]["components"]["schemas"]["Input"]["required"]
    assert (status, answer["prediction"]) == (200, None), "the author's code makes NaN of it, for which JSON has null"
    assert answer["warnings"] == [{"field": "area", "message": "Training had no gap here."}]
    assert omitted[0] == 422 and omitted[1]["errors"][0]["field"] == "area"
    assert required == ["area", "built"]


def test_texts(service_python: Path, make: Callable[[str], Path]) -> None:
    with running(service_python, make("text")) as live:
        assert live.post([{"text": "a great day"}, {"text": "rain"}]) == (200, [{"prediction": 1}, {"prediction": 0}])


def test_a_jpeg_that_has_its_end_reaches_the_authors_decoder(image: Live) -> None:
    for content in (JPEG, JPEG + bytes(64)):
        status, answer = image.post(content, **{"content-type": "image/jpeg"})
        assert (status, answer["prediction"]) == (200, "light")
    status, _ = image.post(JPEG[:150] + JPEG[-2:], **{"content-type": "image/jpeg"})
    assert status in (200, 422), "what the author's decoder makes of it, never a failure of the service"


def test_images_come_as_a_body_a_form_or_base64(image: Live) -> None:
    light, dark = png(20, 30, 250), png(20, 30, 3)
    status, one = image.post(light, **{"content-type": "image/png"})
    assert (status, one["prediction"]) == (200, "light")
    assert image.post({"image": in_base64(light)}) == (200, one)
    assert [each["prediction"] for each in image.post([{"image": in_base64(light)}, {"image": in_base64(dark)}])[1]] == ["light", "dark"]
    part = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n%s\r\n'
    assert image.post(part % light + b"--b--\r\n", **{"content-type": "multipart/form-data; boundary=b"}) == (200, one)
    many = image.post(part % light + part % dark + b"--b--\r\n", **{"content-type": "multipart/form-data; boundary=b"})[1]
    assert [each["prediction"] for each in many] == ["light", "dark"]


def test_the_open_inference_protocol(table: Live) -> None:
    kinds = {"tenure": "INT64", "Monthly Charges": "FP64", "contract": "BYTES", "senior": "BOOL"}
    tensors = [{"name": name, "shape": [2], "datatype": kind, "data": [ROW[name]] * 2} for name, kind in kinds.items()]
    expected = table.post(ROW)[1]
    status, answer = table.post({"id": "7", "inputs": tensors}, "/v2/models/churn/infer")
    assert (status, answer["model_name"], answer["id"]) == (200, "churn", "7")
    assert answer["outputs"][0] == {"name": "prediction", "datatype": "BYTES", "shape": [2], "data": [expected["prediction"]] * 2}
    assert answer["outputs"][1]["shape"] == [2, 2] and answer["outputs"][1]["data"] == list(expected["probabilities"].values()) * 2
    status, problem = table.post({"inputs": tensors[1:]}, "/v2/models/churn/infer")
    assert (status, problem["error"]) == (422, "tenure: expected a tensor of this name, received null")
    assert table.ask("GET", "/v2/health/ready")[0] == 200


def test_everything_is_told_from_the_signature(table: Live) -> None:
    signature = json.loads((table.project / "model" / "signature.json").read_text(encoding="utf-8"))
    assert table.ask("GET", "/signature")[2] == signature
    document = table.ask("GET", "/openapi.json")[2]
    assert list(document["components"]["schemas"]["Input"]["properties"]) == [each["name"] for each in signature["inputs"]]
    assert document["components"]["schemas"]["Answer"]["properties"]["prediction"]["enum"] == ["No", "Yes", None]
    version = table.ask("GET", "/version")[2]
    assert set(version) == {"name", "commit", "data", "model", "code", "lock", "service", "rows_in_one_call", "in_fast_form"} and len(version["model"]) == 64


def test_pages_need_nothing_from_elsewhere(table: Live) -> None:
    for path in ("/", "/docs"):
        _, headers, text = table.ask("GET", path)
        assert "default-src 'none'" in headers["content-security-policy"] and "unsafe" not in headers["content-security-policy"]
        assert "http://" not in text and "https://" not in text and "src=" not in text and "<link" not in text


def test_the_counters_are_prometheus_text(table: Live) -> None:
    assert table.post({**ROW, "tenure": 72, "contract": "Two year"})[1]["prediction"] == "No"
    text = table.ask("GET", "/metrics")[2]
    assert 'http_requests_total{route="/predict",status="200"}' in text and 'predictions_total{label="No"}' in text and "model_ready" in text


def test_requests_that_wait_together_share_a_call_only_where_it_was_proved(service_python: Path, make: Callable[[str], Path]) -> None:
    project = make("table")
    code = project / "src" / "churn" / "predict.py"
    code.write_text(code.read_text().replace("    answers = []\n", "    import time\n    time.sleep(0.05)\n    answers = []\n"))
    (project / "evidence").mkdir(exist_ok=True)
    with running(service_python, project) as live:
        identity = live.ask("GET", "/version")[2]
        alone = calls(live, 16)
    (project / "evidence" / "serve.json").write_text(json.dumps({"identity": identity, "grouping": {"is_proved": True, "most_rows": 8}}))
    with running(service_python, project) as live:
        together = calls(live, 16)
    code.write_text(code.read_text() + "# changed since\n")
    with running(service_python, project) as live:
        stale = calls(live, 16)
    assert alone == stale == 16 and together <= 6


def calls(live: Live, count: int) -> int:
    """How many calls of the model so many requests at once cost; every answer is that of its own row, and one bad row spoils none."""
    rows = [{**ROW, "tenure": number} for number in range(count - 1)] + [{**ROW, "tenure": 666}]
    got: list[tuple[int, Any]] = [(0, None)] * count

    def ask(number: int) -> None:
        got[number] = live.post(rows[number])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
    before = counted(live)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in got] == [200] * (count - 1) + [422]
    chances = [answer["probabilities"]["Yes"] for _, answer in got[:-1]]
    assert chances == sorted(chances, reverse=True) and len(set(chances)) == count - 1
    return counted(live) - before


def counted(live: Live) -> int:
    text = live.ask("GET", "/metrics")[2]
    return int(next(line for line in text.splitlines() if line.startswith("predict_rows_count")).split()[1])


