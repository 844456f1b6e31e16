"""The story: the one place that knows the order. It loads, calls a step, saves."""

from ferrata.flow.adopt import adopt

__all__ = ["adopt"]
