"""The process `ferrata`: signals, standard output, errors and the exit status.

Exit status: 0 done, 1 the answer is no, 2 wrong usage, 3 something outside failed, 70 a bug of ours, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ferrata.cli import instant
from ferrata.cli.plain import PLAIN
from ferrata.errors import FerrataError, UsageError

if TYPE_CHECKING:
    from types import FrameType

    import click

    from ferrata.records.page import Page

BUG = 70
INTERRUPTED = 130
TERMINATED = 143


class Terminated(BaseException):
    """SIGTERM or SIGHUP, as an exception: what was started is ended and the terminal given back."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    is_json = wants_json(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no ✓ shows ?, and goes on
    with _standard_output_for_the_result(is_json):
        page = _call(arguments)
    if page is not None:
        show(page, is_json)
    sys.exit(page.status if page else 0)


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether the answer is one JSON object; a request for help is answered in words."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options and not {"--help", "-h", "--version"}.intersection(options)


def _call(arguments: list[str]) -> Page | None:
    try:
        with _termination_as_exception():
            if word := instant.WORDS.get(tuple(arguments)):
                looked = instant.looked_at(arguments)
                page = PLAIN[word]()
                instant.keep(arguments, looked, page)
                return page
            from ferrata.cli.group import ferrata

            result: Any = ferrata.main(arguments, prog_name="ferrata", standalone_mode=False)
    except (Exception, KeyboardInterrupt, Terminated) as error:
        return error_page(error)
    # A command gives its page; for `--help` and `--version` click has printed already and gives the status, 0.
    return None if isinstance(result, int) else result


def error_page(error: BaseException) -> Page:
    from ferrata.pages.refusal import bug_page, interrupted_page, refusal_page

    if isinstance(error, FerrataError):
        return refusal_page(error)
    if isinstance(error, Terminated):
        return interrupted_page("Terminated", TERMINATED)
    import click

    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return interrupted_page("Interrupted", INTERRUPTED)
    if isinstance(error, click.UsageError):
        return refusal_page(usage_error(error))
    import traceback

    return bug_page("".join(traceback.format_exception(error)), BUG)


def usage_error(error: click.UsageError) -> UsageError:
    path = error.ctx.command_path if error.ctx else "ferrata"
    return UsageError(error.format_message(), where=path, todo=f"`{path} --help` lists what can be given.")


def show(page: Page, is_json: bool) -> None:
    """An answer goes to standard output; why there is none, to standard error. JSON always goes to standard output."""
    from ferrata.pages.json import to_json
    from ferrata.pages.terminal import show

    try:
        if is_json:
            print(to_json(page))
            sys.stdout.flush()
        else:
            show(page, sys.stdout if page.status in (0, 1) else sys.stderr)
    except BrokenPipeError:  # the reader (`| head`) had enough; Python would complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def _standard_output_for_the_result(is_json: bool) -> Iterator[None]:
    """Keep what a library may print out of the one JSON object."""
    if not is_json:
        yield
        return
    with contextlib.redirect_stdout(sys.stderr):
        yield


@contextlib.contextmanager
def _termination_as_exception() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise Terminated

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
