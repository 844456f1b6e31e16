"""Predictions for requests. Those that wait together share one call of `predict`, where that was proved to change no answer."""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import time

from .problems import Problem

QUICK = 0.005  # seconds; the event loop may be held up by so much
FEW = 64  # rows that are answered in the event loop
_OFTEN = 5  # calls in a row that took far longer, and the threads make them from then on


async def within(seconds: float, awaited):
    """Its result, or asyncio.TimeoutError; without another task where Python can do that."""
    if not hasattr(asyncio, "timeout"):
        return await asyncio.wait_for(awaited, seconds)
    async with asyncio.timeout(seconds):
        return await awaited


class Answers:
    """`most_rows` in one call; 1 keeps every request by itself. Nobody is kept waiting for company: a group is what came while the last call ran.

    A model that answers FEW rows in a few milliseconds is asked for them in the event loop (`is_quick`): a thread would contend with the loop for the
    interpreter, and that takes longer than the model does. A group is then what was received at the same time.
    """

    def __init__(self, answer, *, most_rows: int, threads: int, on_call=lambda rows: None):
        self._answer, self._most, self._on_call = answer, most_rows, on_call
        self._threads = threads
        self._pool = concurrent.futures.ThreadPoolExecutor(threads, thread_name_prefix="predict")
        self._waiting, self._few = collections.deque(), collections.deque()
        self._running = self._slow = 0
        self._is_coming = False
        self.is_quick = False

    async def of(self, records: list, *, is_alone: bool = False) -> list:
        """The answers to these records, which share no call if they are to be `is_alone`. Raises Problem."""
        future = asyncio.get_running_loop().create_future()
        if self.is_quick and len(records) <= FEW and not is_alone:
            self._few.append((records, future, len(records)))
            if not self._is_coming:
                self._is_coming = True
                asyncio.get_running_loop().call_soon(self._answer_few)
        else:
            self._waiting.append((records, future, max(self._most, len(records)) if is_alone else len(records)))
            self._start()
        return await future

    def close(self) -> None:
        self._pool.shutdown(wait=False)

    def _start(self) -> None:
        while self._waiting and self._running < self._threads:
            group = _next_group(self._waiting, self._most)
            if group:
                self._running += 1
                self._on_call(sum(len(records) for records, _ in group))
                call = asyncio.get_running_loop().run_in_executor(self._pool, self._call, [records for records, _ in group])
                call.add_done_callback(lambda done, group=group: self._ended(done, group))

    def _ended(self, done, group: list) -> None:
        self._running -= 1
        _deliver([done.exception()] * len(group) if done.exception() else done.result(), group)
        self._start()

    def _answer_few(self) -> None:
        self._is_coming = False
        while self._few:
            group = _next_group(self._few, min(self._most, FEW))
            if not group:
                continue
            self._on_call(sum(len(records) for records, _ in group))
            started = time.perf_counter()
            _deliver(self._call([records for records, _ in group]), group)
            self._slow = self._slow + 1 if time.perf_counter() - started > 5 * QUICK else 0
            self.is_quick = self.is_quick and self._slow < _OFTEN

    def _call(self, group: list) -> list:
        """For each request its answers or the exception; where a group fails, each of it is asked alone."""
        if len(group) > 1:
            try:
                answers = iter(self._answer([record for records in group for record in records]))
                return [[next(answers) for _ in records] for records in group]
            except Problem:
                pass
        return [self._alone(records) for records in group]

    def _alone(self, records: list):
        try:
            return self._answer(records)
        except Problem as problem:
            return problem


def _next_group(waiting, most: int) -> list:
    """What shares the next call; [] where everybody who waited is gone, or their time is up."""
    group, rows = [], 0
    while waiting and (not group or rows + waiting[0][2] <= most):
        records, future, weight = waiting.popleft()
        if not future.done():
            group.append((records, future))
            rows += weight
    return group


def _deliver(results: list, group: list) -> None:
    for (_, future), result in zip(group, results):
        if not future.done():
            future.set_exception(result) if isinstance(result, BaseException) else future.set_result(result)
