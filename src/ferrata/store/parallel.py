"""Many small pieces of work on a few threads or processes, in bounded memory and in order.

Threads are enough for what waits: a network, a large file. Thousands of small files keep the interpreter busy, which only one thread at a time may use;
a `Crew` gives them a process for each core.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, NoReturn, TypeVar

from ferrata.errors import OutsideError

if TYPE_CHECKING:
    from queue import SimpleQueue

Given = TypeVar("Given")
Made = TypeVar("Made")

THREADS = max(2, min(16, os.cpu_count() or 1))  # more of them wait for the interpreter, not for the disk
_FEW = 16
_MANY = 400  # pieces of work; below it, a process costs more than it gives
_PROCESSES = 8  # more of them wait for the file system
_BATCH = 64
_AHEAD = 32  # batches; work goes on while the first process makes a thousand files safe on the disk
_LENGTH = struct.Struct("=Q")


def each(work: Callable[[Given], Made], items: Iterable[Given], *, threads: int = THREADS, batch: int = 32) -> Iterator[Made]:
    """The results, in order. An exception ends the rest: what has begun is waited for, the remainder never begins."""
    source = iter(items)
    first = list(itertools.islice(source, _FEW if batch > 1 else 1))
    if len(first) < (_FEW if batch > 1 else 1) or threads < 2:
        yield from map(work, itertools.chain(first, source))
        return

    def some(few: list[Given]) -> list[Made]:
        return [work(item) for item in few]

    yield from _on_threads(some, itertools.chain(first, source), threads, batch, ahead=2 * threads)


class Crew(Generic[Given, Made]):
    """`work` for many items, by `each`: on threads while they are few, then by processes that live until the end of the `with`.

    The processes are copies of this one, made without starting anything anew. Only Linux makes such copies safely, and only while there is no other
    thread; elsewhere threads do the work. Items and results go through pipes, so they have to be plain. What `work` changes in memory stays in its process.
    """

    def __init__(self, work: Callable[[Given], Made], *, threads: int = THREADS) -> None:
        self._work, self._threads = work, threads
        self._seen = 0
        self._members: list[_Member[Given, Made]] = []

    def __enter__(self) -> Crew[Given, Made]:
        return self

    def __exit__(self, *error: object) -> None:
        for member in self._members:
            member.end()

    def each(self, items: Iterable[Given]) -> Iterator[Made]:
        """The results, in order; exceptions as those of `each`."""
        source = iter(items)
        first = list(itertools.islice(source, max(_FEW, _MANY - self._seen)))
        self._seen += len(first)
        if len(first) < _FEW or not self._start():
            yield from each(self._work, itertools.chain(first, source), threads=self._threads)
            return
        from queue import SimpleQueue

        idle: SimpleQueue[_Member[Given, Made]] = SimpleQueue()
        for member in self._members:
            idle.put(member)

        def some(few: list[Given]) -> list[Made]:
            return _by_one_of(idle, few)

        yield from _on_threads(some, itertools.chain(first, source), len(self._members), _BATCH, ahead=_AHEAD)

    def _start(self) -> bool:
        if not self._members and self._seen >= _MANY and sys.platform.startswith("linux") and threading.active_count() == 1:
            count = min(self._threads, _PROCESSES, len(os.sched_getaffinity(0)))
            while 1 < count != len(self._members):
                self._members.append(_Member(self._work, self._members))
        return bool(self._members)


class _Member(Generic[Given, Made]):
    """A process that does what comes through a pipe, and ends when nothing can come any more: with this process, whatever that one's end."""

    questions: BinaryIO
    answers: BinaryIO

    def __init__(self, work: Callable[[Given], Made], others: Iterable[_Member[Given, Made]]) -> None:
        (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # neither may come while the copy could run our `finally`
        try:
            self.process = os.fork()
            if not self.process:
                for end in (ours_in, ours_out, *(stream.fileno() for other in others for stream in (other.questions, other.answers))):
                    os.close(end)  # a copy that stayed open would hide the end of this process from the other members
                _serve(work, open(theirs_in, "rb"), open(theirs_out, "wb"))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(theirs_in)
        os.close(theirs_out)
        self.questions, self.answers = open(ours_out, "wb"), open(ours_in, "rb")

    def ask(self, few: list[Given]) -> list[Made]:
        answer: tuple[Exception | None, list[Made]] | None = None
        with contextlib.suppress(BrokenPipeError):
            _write(self.questions, few)
            answer = _read(self.answers)
        if answer is None:
            todo = "Run the command again: it goes on where it was. The system does this when memory runs out."
            raise OutsideError("A process of this command was ended from outside", where=f"process {self.process}", todo=todo)
        error, made = answer
        if error is not None:
            raise error
        return made

    def end(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.questions.close()
        self.answers.close()
        os.waitpid(self.process, 0)


def _by_one_of(idle: SimpleQueue[_Member[Given, Made]], few: list[Given]) -> list[Made]:
    member = idle.get()
    try:
        return member.ask(few)
    finally:
        idle.put(member)


def _serve(work: Callable[[Given], Made], questions: BinaryIO, answers: BinaryIO) -> NoReturn:
    """The life of a member. It leaves by `_exit`: the ends of files, locks and folders are the first process's."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process gets it as well, and ends this one
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
        while few := _read(questions):
            answer: tuple[Exception | None, list[Made]] = (None, [])
            try:
                answer = (None, [work(item) for item in few])
            except Exception as error:
                answer = (error, [])
            _write(answers, answer)
    finally:
        os._exit(0)


def _write(stream: BinaryIO, value: object) -> None:
    content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def _read(stream: BinaryIO) -> Any:
    """None when the process at the other end has ended."""
    head = stream.read(_LENGTH.size)
    size = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 1
    content = stream.read(size)
    return pickle.loads(content) if len(content) == size else None


def _on_threads(work: Callable[[list[Given]], list[Made]], items: Iterator[Given], threads: int, batch: int, *, ahead: int) -> Iterator[Made]:
    from collections import deque
    from concurrent.futures import Future, ThreadPoolExecutor

    waiting: deque[Future[list[Made]]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        while few := list(itertools.islice(items, batch)):
            waiting.append(pool.submit(work, few))
            if len(waiting) > ahead:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
