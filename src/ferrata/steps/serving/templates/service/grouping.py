"""Predictions off the event loop. Requests that wait together share one call of `predict`, where that was proved to change no answer."""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures

from .problems import Problem


async def within(seconds: float, awaited):
    """Its result, or asyncio.TimeoutError; without another task where Python can do that."""
    if not hasattr(asyncio, "timeout"):
        return await asyncio.wait_for(awaited, seconds)
    async with asyncio.timeout(seconds):
        return await awaited


class Answers:
    """`most_rows` in one call; 1 keeps every request by itself. Nobody is kept waiting for company: a group is what came while the last call ran."""

    def __init__(self, answer, *, most_rows: int, threads: int, on_call=lambda rows: None):
        self._answer, self._most, self._on_call = answer, most_rows, on_call
        self._threads = threads
        self._pool = concurrent.futures.ThreadPoolExecutor(threads, thread_name_prefix="predict")
        self._waiting = collections.deque()
        self._running = 0

    async def of(self, records: list, *, is_alone: bool = False) -> list:
        """The answers to these records, which share no call if they are to be `is_alone`. Raises Problem."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((records, future, max(self._most, len(records)) if is_alone else len(records)))
        self._start()
        return await future

    def close(self) -> None:
        self._pool.shutdown(wait=False)

    def _start(self) -> None:
        while self._waiting and self._running < self._threads:
            group = self._next_group()
            if group:
                self._running += 1
                self._on_call(sum(len(records) for records, _ in group))
                call = asyncio.get_running_loop().run_in_executor(self._pool, self._call, [records for records, _ in group])
                call.add_done_callback(lambda done, group=group: self._deliver(done, group))

    def _next_group(self) -> list:
        group, rows = [], 0
        while self._waiting and (not group or rows + self._waiting[0][2] <= self._most):
            records, future, weight = self._waiting.popleft()
            if not future.done():  # its client is gone, or its time is up
                group.append((records, future))
                rows += weight
        return group

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

    def _deliver(self, done, group: list) -> None:
        self._running -= 1
        results = [done.exception()] * len(group) if done.exception() else done.result()
        for (_, future), result in zip(group, results):
            if not future.done():
                future.set_exception(result) if isinstance(result, BaseException) else future.set_result(result)
        self._start()
