"""Progress on a terminal: finished steps stay, the open one has a spinner, its latest detail and its seconds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from ferrata.world.reporter import PlainReporter, Reporter, elapsed

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

NAME_WIDTH = 26


def reporter_for(
    stream: TextIO, *, is_json: bool = False, assume_yes: bool = False, environ: Mapping[str, str] | None = None
) -> Reporter:
    """A live reporter where somebody is watching, plain lines everywhere else."""
    environ = os.environ if environ is None else environ
    is_quiet = is_json or any(environ.get(name) for name in ("NO_COLOR", "CI")) or environ.get("TERM") == "dumb"
    if is_quiet or not stream.isatty():
        return PlainReporter(stream)
    return LiveReporter(stream, ask=None if assume_yes or not sys.stdin.isatty() else input)


class LiveReporter:
    """`ask` reads one answer, given a prompt; None where nobody may be asked."""

    def __init__(
        self, stream: TextIO, *, ask: Callable[[str], str] | None = input, clock: Callable[[], float] = time.monotonic
    ) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.spinner import Spinner

        self._ask, self._clock = ask, clock
        self._name, self._detail, self._started = "", "", 0.0
        self._console: Console = Console(file=stream, highlight=False)
        self._spinner = Spinner("dots")
        self._live = Live(
            console=self._console, get_renderable=self._line, refresh_per_second=8, transient=True,
            redirect_stdout=False, redirect_stderr=False,
        )

    def step(self, name: str) -> None:
        if self._name:
            self.done("")
        self._name, self._detail, self._started = name, "", self._clock()
        self._live.start()

    def detail(self, text: str) -> None:
        self._detail = text

    def done(self, text: str) -> None:
        seconds = elapsed(self._clock() - self._started)
        self._live.stop()
        self._console.print(self._row("✓", self._name, text, seconds, style="green"))
        self._name = ""

    def note(self, text: str) -> None:
        self._console.print(f"  {text}", markup=False)

    def question(self, text: str, choices: Sequence[str], default: str) -> str:
        self._live.stop()
        try:
            return self._answer(text, choices, default)
        finally:
            if self._name:
                self._live.start()

    def close(self) -> None:
        self._live.stop()
        if self._name:
            seconds = elapsed(self._clock() - self._started)
            self._console.print(self._row("✗", self._name, self._detail, seconds, style="red"))
        self._name = ""

    def _answer(self, text: str, choices: Sequence[str], default: str) -> str:
        self._console.print(f"? {text}", style="bold", markup=False)
        for number, choice in enumerate(choices, start=1):
            self._console.print(f"  {number}  {choice}{'  (default)' if choice == default else ''}", markup=False)
        while self._ask is not None:
            chosen = choose(self._ask("  number, or Enter for the default: "), choices, default)
            if chosen is not None:
                return chosen
        self._console.print(f"  taking: {default}", markup=False)
        return default

    def _line(self) -> Table:
        return self._row(self._spinner, self._name, self._detail, elapsed(self._clock() - self._started))

    def _row(self, mark: object, name: str, text: str, seconds: str, *, style: str = "cyan") -> Table:
        from rich.table import Table
        from rich.text import Text

        row = Table.grid(padding=(0, 1), expand=True)
        row.add_column(width=1, style=style)
        row.add_column(width=NAME_WIDTH, no_wrap=True)
        row.add_column(ratio=1, style="dim", no_wrap=not isinstance(mark, str), overflow="ellipsis")
        row.add_column(justify="right", width=12, style="dim")
        row.add_row(mark, Text(name), Text(text), seconds)  # type: ignore[arg-type]
        return row


def choose(answer: str, choices: Sequence[str], default: str) -> str | None:
    """What an answer means: nothing is the default, a number or the text itself a choice, anything else None."""
    answer = answer.strip()
    if not answer:
        return default
    if answer in choices:
        return answer
    return choices[int(answer) - 1] if answer.isdecimal() and 0 < int(answer) <= len(choices) else None
