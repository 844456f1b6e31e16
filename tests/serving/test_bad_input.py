"""More than 5,000 requests that nobody should send, and clients that nobody should be: no 5xx, no hang, bounded memory, and the service goes on."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.serving.conftest import Live
from tests.serving.projects import in_base64, png
from tests.serving.test_service import ROW

# {part: (kind of model, examples drawn, requests that they make at least)}
FUZZ = {
    "rows": ("table", 350, 2400), "tensors": ("table", 250, 980), "requests": ("table", 600, 570),
    "pictures": ("image", 700, 650), "forms": ("image", 500, 470),
}  # fmt: skip
MEGABYTE = 1 << 20


def test_there_are_enough_of_them() -> None:
    assert sum(count for _, _, count in FUZZ.values()) >= 5000


@pytest.mark.parametrize("part", FUZZ)
def test_whatever_is_sent_is_answered_or_refused(service_fuzz_python: Path, request: pytest.FixtureRequest, part: str) -> None:
    kind, examples, count = FUZZ[part]
    live: Live = request.getfixturevalue(kind)
    script = Path(__file__).with_name("fuzz.py")
    done = subprocess.run([service_fuzz_python, script, str(live.port), part, str(examples)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert said["asked"] >= count and said["statuses"].get("0", 0) < 0.05 * count, said
    if part in ("rows", "pictures"):
        assert said["statuses"].get("200", 0) > 0.02 * count, f"the model itself was asked too: {said}"
    assert live.ask("GET", "/readyz")[0] == 200


def test_large_bodies_cost_no_memory(table: Live, image: Live) -> None:
    """Up to four times of what is allowed the client hears the answer; beyond that the connection is closed on it."""
    for live, size in ((table, 14), (image, 60)):
        before = live.memory
        for _ in range(4):
            assert live.post(b" " * size * MEGABYTE, **{"content-type": "application/json"})[0] == 413
        assert live.memory - before < 60 * MEGABYTE


def test_images_that_unpack_to_gigabytes_cost_no_memory(image: Live) -> None:
    before = image.memory
    large = png(5000, 4000, 7)  # 20 million pixels in 20 kB: allowed, and bounded
    for content, expected in ((png(1, 1, 7, declared=(60_000, 60_000)), 422), (png(20_000, 20_000, 7), 422), (large, 200)):
        assert image.post(content, **{"content-type": "image/png"})[0] == expected
        assert image.post([{"image": in_base64(content)}] * 2)[0] == expected
    assert image.memory - before < 300 * MEGABYTE


def test_200_clients_at_once_of_every_kind(table: Live) -> None:
    """Good ones, one that never ends its request, one that sends too much, one that hangs up, one that speaks no HTTP; then the good are all answered."""
    before = table.memory
    started = time.monotonic()
    good = asyncio.run(_crowd(table.port, 200))
    assert set(good) == {200} and sum(good.values()) == 100
    assert time.monotonic() - started < 30
    assert table.memory - before < 150 * MEGABYTE
    assert table.post(ROW)[0] == 200


async def _crowd(port: int, count: int) -> Counter[int]:
    body = json.dumps(ROW).encode()
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    bad = [head % 500 + body, b"GET /predict HT", head % (50 * MEGABYTE) + b" " * MEGABYTE, b"\x16\x03\x01 no HTTP \r\n\r\n", b""]
    opened = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(count)))
    good = opened[::2]
    for number, (_, writer) in enumerate(opened[1::2]):
        writer.write(bad[number % len(bad)])
        if number % 2:
            writer.transport.abort()
    answers = await asyncio.gather(*(_status(reader, writer, head % len(body) + body) for reader, writer in good))
    for _, writer in opened:
        writer.transport.abort()
    return Counter(answers)


async def _status(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    line = await asyncio.wait_for(reader.readline(), 20)
    return int(line.split()[1])
