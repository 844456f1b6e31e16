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


QUICK = """
    import asyncio, sys, threading, time
    sys.path.insert(0, sys.argv[1])
    from service import grouping
    from service.problems import Problem

    calls = []

    def answer(records):
        calls.append((list(records), threading.current_thread() is threading.main_thread()))
        if "wrong" in records:
            raise Problem("rejected")
        if "slow" in records:
            time.sleep(6 * grouping.QUICK)
        return [record * 2 for record in records]

    async def main():
        answers = grouping.Answers(answer, most_rows=4, threads=1)
        answers.is_quick = True
        found = await asyncio.gather(*(answers.of([n]) for n in range(5)), answers.of([9], is_alone=True), answers.of(list(range(grouping.FEW + 1))))
        assert found[:6] == [[0], [2], [4], [6], [8], [18]] and len(found[6]) == grouping.FEW + 1, found
        assert sorted((len(records), here) for records, here in calls) == [(1, False), (1, True), (4, True), (grouping.FEW + 1, False)], calls
        one, two = await asyncio.gather(answers.of([1]), answers.of(["wrong"]), return_exceptions=True)
        assert one == [2] and isinstance(two, Problem)
        for _ in range(grouping._OFTEN):
            assert answers.is_quick
            await answers.of(["slow"])
        assert not answers.is_quick
        await answers.of([1])
        assert calls[-1] == ([1], False)

    asyncio.run(main())
"""


def test_a_quick_model_is_asked_in_the_loop_as_long_as_it_is_quick(make: Callable[[str], Path], service_python: Path) -> None:
    project = make("regression")
    write_service(project)
    subprocess.run([service_python, "-c", textwrap.dedent(QUICK), project], check=True)
