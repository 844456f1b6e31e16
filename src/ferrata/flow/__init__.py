"""The story: the one place that knows the order. It loads, calls a step, saves.

Each is imported when it is told: `ferrata run` with nothing to do must not wait for what `adopt` needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferrata.flow.adopt import adopt
    from ferrata.flow.automating import ci
    from ferrata.flow.comparing import compare
    from ferrata.flow.execution import run
    from ferrata.flow.explaining import why
    from ferrata.flow.gating import gate
    from ferrata.flow.predicting import predict
    from ferrata.flow.recall import history
    from ferrata.flow.repeating import noise
    from ferrata.flow.reporting import report
    from ferrata.flow.serving import serve
    from ferrata.flow.verifying import verify

__all__ = ["adopt", "ci", "compare", "gate", "history", "noise", "predict", "report", "run", "serve", "verify", "why"]

_MODULES = {
    "adopt": "adopt", "history": "recall", "predict": "predicting", "run": "execution", "serve": "serving", "verify": "verifying",
    "why": "explaining",
    "compare": "comparing",
    "noise": "repeating",
    "gate": "gating",
    "report": "reporting",
    "ci": "automating",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(name)
    from importlib import import_module

    story = getattr(import_module(f"ferrata.flow.{_MODULES[name]}"), name)
    globals()[name] = story  # over the module of the same name, which importing has put here
    return story
