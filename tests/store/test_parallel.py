"""A crew does many pieces of work in order, on processes where that is safe, and ends with them whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ferrata.errors import OutsideError, ProjectError
from ferrata.store.parallel import Crew

MANY = 5000
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux copies a process safely")
with_cores = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core has one process")


def where(number: int) -> tuple[int, int]:
    return number, os.getpid()


@pytest.fixture(autouse=True)
def children() -> Iterator[None]:
    """No process of a crew is left, not even as one that nobody has waited for."""
    before = _children()
    yield
    assert _children() == before


def test_results_come_in_order() -> None:
    with Crew(where) as crew:
        assert [number for number, _ in crew.each(range(MANY))] == list(range(MANY))


@on_linux
@with_cores
def test_many_pieces_are_done_by_more_than_one_process() -> None:
    with Crew(where) as crew:
        processes = {process for _, process in crew.each(range(MANY))}
    assert len(processes) > 1
    assert os.getpid() not in processes


def test_few_pieces_are_done_here() -> None:
    with Crew(where) as crew:
        assert {process for _, process in crew.each(range(300))} == {os.getpid()}


@on_linux
@with_cores
def test_many_times_few_pieces_add_up() -> None:
    with Crew(where) as crew:
        rounds = [[process for _, process in crew.each(range(50))] for _ in range(20)]
    assert set(rounds[0]) == {os.getpid()}
    assert os.getpid() not in rounds[-1]


def test_nothing_gives_nothing() -> None:
    with Crew(where) as crew:
        assert list(crew.each([])) == []


def test_beside_another_thread_there_are_no_copies() -> None:
    """A copy of a process with threads may hold a lock that nobody gives back."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        with Crew(where) as crew:
            assert {process for _, process in crew.each(range(MANY))} == {os.getpid()}
    finally:
        ended.set()
        thread.join()


def test_an_error_arrives_with_what_it_says() -> None:
    def work(number: int) -> int:
        if number == 3000:
            raise ProjectError("broken", where="here", todo="mend it")
        return number

    done = []
    with pytest.raises(ProjectError) as error, Crew(work) as crew:
        done += crew.each(range(MANY))
    assert (str(error.value), error.value.where, error.value.todo) == ("broken", "here", "mend it")


def test_the_rest_never_begins_when_the_user_of_the_results_fails(tmp_path: Path) -> None:
    def work(number: int) -> int:
        (tmp_path / str(number)).touch()
        return number

    with pytest.raises(KeyError), Crew(work) as crew:
        for number in crew.each(range(100_000)):
            if number == 1000:
                raise KeyError(number)
    assert len(os.listdir(tmp_path)) < 20_000


@on_linux
@with_cores
def test_a_process_that_was_ended_from_outside_is_said() -> None:
    def work(number: int) -> int:
        if number == 3000:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(OutsideError, match="ended from outside"), Crew(work) as crew:
        list(crew.each(range(MANY)))


@on_linux
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_its_processes_end_with_the_first(tmp_path: Path, how: signal.Signals) -> None:
    program = """
        import os, signal, sys, time
        from pathlib import Path
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
        from ferrata.store.parallel import Crew

        def work(number):
            Path(sys.argv[1], str(os.getpid())).touch()
            time.sleep(0.001)
            return number

        with Crew(work) as crew:
            for _ in crew.each(range(100_000)):
                pass
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program), str(tmp_path)], stderr=subprocess.DEVNULL)
    try:
        _wait(lambda: any(int(name) != process.pid for name in os.listdir(tmp_path)) or len(os.sched_getaffinity(0)) < 2)
        process.send_signal(how)
        process.wait(60)
    finally:
        process.kill()
        process.wait()
    _wait(lambda: not any(_is_running(int(name)) for name in os.listdir(tmp_path)))


def _wait(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def _is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _children() -> set[str]:
    lists = Path("/proc/self/task").glob("*/children") if Path("/proc/self/task").is_dir() else iter(())
    return {child for path in lists for child in path.read_text().split()}
