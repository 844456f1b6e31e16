"""Threads: how many linear algebra uses, said by a variable or by the cores that a process may use. A trial says the other number by variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.setup import CannotSwap, Setup

WORDS = ("threads",)
NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")


def find(here: Side, there: Side) -> Iterator[Difference]:
    """One difference: what a library takes depends on all of these together."""
    if here.variables is None or there.variables is None:
        return
    names = sorted(name for name in {*here.variables, *there.variables} if name.endswith("_THREADS"))
    changed = [name for name in names if here.variables.get(name) != there.variables.get(name)]
    cores = [str(side.machine.get("usable_cores", "")) for side in (here, there)]
    are_other_cores = all(cores) and cores[0] != cores[1]
    if changed:
        ours, theirs = (", ".join(f"{name}={(side.variables or {}).get(name) or 'not set'}" for name in changed) for side in (here, there))
        yield Difference("threads", "number of threads", ours, theirs, payload={name: there.variables.get(name) for name in changed})
    elif are_other_cores and not any(there.variables.get(name) for name in names):
        yield Difference("threads", "number of cores", cores[0], cores[1], payload=dict.fromkeys(NAMES, cores[1]))


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    if not chosen[0].payload:
        raise CannotSwap("how many there were is not recorded")
    setup.variables |= chosen[0].payload


def todo(difference: Difference, there: Side) -> str:
    said = " ".join(f"{name}={value}" for name, value in difference.payload.items() if value is not None)
    return f"Fix it for every run: {said or 'env ' + ' '.join(f'-u {name}' for name in difference.payload)} ferrata run --force"
