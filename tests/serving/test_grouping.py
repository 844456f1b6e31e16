"""Which requests share a call of the model: as they come, up to a number of rows; what must be alone is."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

from tests.serving.conftest import write_service

PROGRAM = """
    import asyncio, sys, threading
    sys.path.insert(0, sys.argv[1])
    from service.grouping import Answers

    calls, first = [], threading.Event()

    def answer(records):
        calls.append(list(records))
        first.wait(10)
        return [record * 2 for record in records]

    async def main():
        answers = Answers(answer, most_rows=4, threads=1)
        asked = [answers.of([0])] + [answers.of([number], is_alone=number in (3, 6)) for number in range(1, 10)] + [answers.of([10, 11, 12, 13, 14])]
        tasks = [asyncio.ensure_future(each) for each in asked]
        await asyncio.sleep(0.1)
        first.set()
        found = [each for task in tasks for each in await task]
        assert found == [number * 2 for number in range(15)], found

    asyncio.run(main())
    print(calls)
"""


def test_what_must_be_alone_shares_no_call(make: Callable[[str], Path], service_python: Path) -> None:
    project = make("regression")
    write_service(project)
    done = subprocess.run([service_python, "-c", textwrap.dedent(PROGRAM), project], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[[0], [1, 2], [3], [4, 5], [6], [7, 8, 9], [10, 11, 12, 13, 14]]"
