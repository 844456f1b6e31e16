"""matplotlib: style names (3.8: "seaborn-whitegrid" is "seaborn-v0_8-whitegrid"), `gca(projection=…)` (3.6: `add_subplot`), window titles (3.6), and counts
of subplots that a division made a float.

    plt.style.use("seaborn-whitegrid")      plt.style.use("seaborn-v0_8-whitegrid")
    fig.gca(projection="3d")                fig.add_subplot(projection="3d")
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

_COUNTS = frozenset(("subplot", "subplots", "GridSpec", "add_subplot"))


def _find(text: Text, context: Context) -> Iterator[Change]:
    fraction = context.failed_with("must be a positive integer|'float' object cannot be interpreted as an integer", text)
    for call in text.calls():
        path = context.dotted(call.func)
        name = call.func.attr if isinstance(call.func, ast.Attribute) else path.rpartition(".")[2]
        if path.startswith("matplotlib") and path.endswith(("style.use", "style.context")):
            yield from _styles(call, text)
        elif name == "gca" and text.argument(call, "projection") and isinstance(call.func, ast.Attribute):
            new = "gcf().add_subplot" if path == "matplotlib.pyplot.gca" else "add_subplot"
            yield Change(*text.attribute_span(call.func), new, "gca() takes no projection= since matplotlib 3.6; add_subplot() does")
        elif name == "set_window_title" and isinstance(call.func, ast.Attribute) and text.of(call.func.value).endswith("canvas"):
            yield Change(*text.attribute_span(call.func), "manager.set_window_title", "the canvas has no set_window_title() since matplotlib 3.6")
        elif name in _COUNTS and fraction:
            yield from _whole(call, text)


def _styles(call: ast.Call, text: Text) -> Iterator[Change]:
    for node in (node for argument in call.args for node in ast.walk(argument)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and (node.value == "seaborn" or node.value.startswith("seaborn-"))
            and "v0_8" not in node.value
        ):
            new = node.value.replace("seaborn", "seaborn-v0_8", 1)
            quote = text.of(node)[0]
            yield text.replaced(node, f"{quote}{new}{quote}", f'the style "{node.value}" is "{new}" since matplotlib 3.6')


def _whole(call: ast.Call, text: Text) -> Iterator[Change]:
    for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
        if isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Div):
            yield text.replaced(argument, f"{text.of(argument.left)} // {text.of(argument.right)}", "a count of subplots has to be a whole number")


RULE = anywhere("matplotlib-call", _find, __doc__, package="matplotlib", since="3.6")
