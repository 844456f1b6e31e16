"""The story: the one place that knows the order. It loads, calls a step, saves.

Each command's part is imported when it is asked for: adopting needs much that pushing does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferrata.flow.adopt import adopt

__all__ = ["adopt"]


def __getattr__(name: str) -> Any:
    if name != "adopt":
        raise AttributeError(name)
    from ferrata.flow.adopt import adopt as story

    globals()["adopt"] = story  # over the module of the same name
    return story
