"""The notebook fetches something from the network while it runs.

The file behind an address can change or vanish, and then the notebook gives other numbers or none. A machine that
builds the project may have no network at all.

Bad:

    df = pd.read_csv("https://example.org/data.csv")

Good: the file is downloaded once, kept with the project by its hash, and read from there.

Certain: `sure`; the connection was observed.
"""

from __future__ import annotations

from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, listed, one_line

CODE = "F403"
NAME = "network-at-run-time"


def find(context: FindingContext) -> Iterable[Finding]:
    told: set[str] = set()
    for trace in context.traces:
        fresh = [address for address in dict.fromkeys(trace.network) if address not in told and not _is_here(address)]
        told |= set(fresh)
        if fresh:
            where = context.place(trace.index)
            text = one_line(context.sources.get(trace.index, "").split("\n")[0], 80)
            yield Finding(
                CODE, NAME, where.cell, where.line, what=f"`{text}` connects to {listed([f'`{address}`' for address in fresh], 3)}.",
                why="What it fetches can change or vanish, and then the numbers change without any change in the code.",
                todo="Download it once, keep the file under `data/` with the project and read it from there.",
            )


def _is_here(address: str) -> bool:
    return any(name in address for name in ("127.0.0.1", "localhost", "::1"))
