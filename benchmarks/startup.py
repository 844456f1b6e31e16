"""CPU seconds of `ferrata --help`: user and system, the best and the median of 20; the aim is 100 ms.

Measured against `python -c pass` and `import click`, below which it cannot go.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys

AIM = 0.100
RUNS = 20


def cpu_seconds(*arguments: str) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    cases = {"python -c pass": ("-c", "pass"), "import click": ("-c", "import click"), "ferrata --help": ("-m", "ferrata", "--help")}
    for name, arguments in cases.items():
        cpu_seconds(*arguments)  # the first run may compile
        times = [cpu_seconds(*arguments) for _ in range(RUNS)]
        verdict = "" if name != "ferrata --help" else f"   aim {AIM * 1000:.0f} ms: {'met' if min(times) <= AIM else 'missed'}"
        print(f"{name:16} best {min(times) * 1000:6.1f} ms   median {statistics.median(times) * 1000:6.1f} ms{verdict}")


if __name__ == "__main__":
    main()
