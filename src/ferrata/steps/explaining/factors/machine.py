"""The machine: system, processor, instruction sets, linear algebra, accelerator. Seen and told; only doing without some of it can be tried here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.setup import Setup

WORDS = ("machine", "instructions", "accelerator")
_SHOWN = {"system": "operating system", "architecture": "architecture", "cpu": "processor", "libc": "C library", "blas": "linear algebra"}
# By these CUDA, ROCm and JAX are told to do without.
_HIDDEN = {"CUDA_VISIBLE_DEVICES": "-1", "HIP_VISIBLE_DEVICES": "-1", "ROCR_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
# What NumPy and OpenBLAS choose their kernels by, and how each is told to do without.
_NUMPY = {"avx512f": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR", "avx2": "AVX2 FMA3", "avx": "AVX F16C"}
_OPENBLAS = (("avx512f", "SkylakeX"), ("avx2", "Haswell"), ("avx", "Sandybridge"), ("sse4_2", "Nehalem"))


def find(here: Side, there: Side) -> Iterator[Difference]:
    if not here.machine or not there.machine:
        return
    for key, words in _SHOWN.items():
        ours, theirs = here.machine.get(key), there.machine.get(key)
        if ours and theirs and ours != theirs:
            yield Difference("machine", words, _said(ours), _said(theirs), why_not="it would take that machine")
    yield from _accelerators(here, there)
    yield from _instructions(here, there)


def _accelerators(here: Side, there: Side) -> Iterator[Difference]:
    """An empty list is a machine without one; its libraries are packages, its driver stands in the name."""
    ours, theirs = here.machine.get("accelerators"), there.machine.get("accelerators")
    if ours is None or theirs is None or ours == theirs:
        return
    one, other = (_said(names) if names else "none" for names in (ours, theirs))
    yield Difference("accelerator", "accelerator", one, other, "it would take that accelerator" if theirs else "", None if theirs else _HIDDEN)


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _instructions(here: Side, there: Side) -> Iterator[Difference]:
    ours, theirs = set(here.machine.get("cpu_features") or ()), set(there.machine.get("cpu_features") or ())
    if not ours or not theirs or ours == theirs or here.machine.get("architecture") != there.machine.get("architecture"):
        return
    more, fewer = sorted(theirs - ours), sorted(ours - theirs)
    if more:
        why = "this processor does not have them"
        yield Difference("instructions", "instruction sets", "has not " + ", ".join(more), "has " + ", ".join(more), why)
        return
    core = next((core for name, core in _OPENBLAS if name in theirs), "Prescott")
    without = " ".join(names for name, names in _NUMPY.items() if name in fewer)
    payload = {"OPENBLAS_CORETYPE": core, **({"NPY_DISABLE_CPU_FEATURES": without} if without else {})}
    yield Difference("instructions", "instruction sets", "has " + ", ".join(fewer), "has not " + ", ".join(fewer), payload=payload)


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    for each in chosen:
        setup.variables |= each.payload or {}


def todo(difference: Difference, there: Side) -> str:
    if difference.factor == "accelerator":
        return "Run both on one kind of machine, or compare with a bound: CUDA_VISIBLE_DEVICES=-1 ferrata run --force does without here"
    if difference.payload:
        return "Numbers that depend on the processor are equal within a bound at best: compare them with one, or run both on one kind of machine"
    return "Run it on a machine of the same kind: ferrata run export there, ferrata why FILE here"
