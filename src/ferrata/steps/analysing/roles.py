"""What a statement is for, from what it did; its text only where it did nothing that shows."""

from __future__ import annotations

import ast
from collections.abc import Collection

from ferrata.dataflow.calls import is_model_fit
from ferrata.records.observation import Trace


def role(tree: ast.Module, trace: Trace, fitted: Collection[int]) -> str:
    """`fitted` are the statements that depend on a fitted model."""
    node = tree.body[0] if tree.body else None
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return "import"
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return "define"
    kinds = {call.kind for call in trace.calls}
    if any(is_model_fit(call) for call in trace.calls):
        return "train"
    return _by_calls(kinds, trace, trace.index in fitted)


def _by_calls(kinds: set[str], trace: Trace, is_after_fit: bool) -> str:
    if "split" in kinds:
        return "split"
    if "score" in kinds:
        return "evaluate"
    if trace.draws:
        return "plot"
    if "predict" in kinds:
        return "predict"
    if "save" in kinds:
        return "save"
    if "load" in kinds and trace.binds:
        return "load"
    return _by_effect(trace, is_after_fit)


def _by_effect(trace: Trace, is_after_fit: bool) -> str:
    if trace.seeds or (trace.state and not trace.binds):
        return "configure"
    if trace.binds or trace.mutates:
        return "evaluate" if is_after_fit else "prepare"
    return "explore"
