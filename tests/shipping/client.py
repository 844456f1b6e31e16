"""A client that sends requests at a steady pace, over kept connections and new ones, and counts what failed: python3 client.py URL KEY BODY-FILE RATE [CA]

It ends with its standard input, and prints one JSON object: {"sent", "failed", "first", "commits"}.
"""

from __future__ import annotations

import collections
import concurrent.futures
import http.client
import json
import ssl
import sys
import threading
import time
import urllib.parse

ended = threading.Event()
local = threading.local()


def connection(url: urllib.parse.SplitResult, ca: str) -> http.client.HTTPConnection:
    if url.scheme == "https":
        return http.client.HTTPSConnection(url.hostname, url.port, timeout=60, context=ssl.create_default_context(cafile=ca))
    return http.client.HTTPConnection(url.hostname, url.port, timeout=60)


def ask(url: urllib.parse.SplitResult, key: str, body: bytes, ca: str, number: int) -> str:
    """What went wrong; "" for nothing. Every second request comes over a connection that is kept."""
    is_kept = number % 2 == 0
    used = getattr(local, "connection", None) if is_kept else None
    used = used or connection(url, ca)
    try:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        used.request("POST", "/predict", body, headers)
        answer = used.getresponse()
        text = answer.read()
        if answer.status != 200 or b"prediction" not in text:
            return f"{answer.status} {text[:200]!r}"
    except (OSError, http.client.HTTPException) as error:
        local.connection = None
        return repr(error)
    if is_kept:
        local.connection = used
    else:
        used.close()
    return ""


def main() -> None:
    url, key, place, rate = urllib.parse.urlsplit(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
    ca = sys.argv[5] if len(sys.argv) > 5 else ""
    with open(place, "rb") as stream:
        body = stream.read()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    told: collections.Counter[str] = collections.Counter()
    began, number, waiting = time.monotonic(), 0, []
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        while not ended.wait(max(0.0, began + number / rate - time.monotonic())):
            waiting.append(pool.submit(ask, url, key, body, ca, number))
            number += 1
        told.update(each.result() for each in waiting)
    failed = {what: count for what, count in told.items() if what}
    print(json.dumps({"sent": number, "failed": sum(failed.values()), "first": dict(list(failed.items())[:5])}))


if __name__ == "__main__":
    main()
