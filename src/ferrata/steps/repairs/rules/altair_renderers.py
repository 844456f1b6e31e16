"""`altair.renderers.enable("notebook")`: that renderer left with altair 5 ("default" shows charts everywhere).

alt.renderers.enable("notebook")        alt.renderers.enable("default")
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        first = call.args[0] if call.args else None
        if context.dotted(call.func) == "altair.renderers.enable" and isinstance(first, ast.Constant) and first.value == "notebook":
            yield text.replaced(first, '"default"', 'the renderer "notebook" left with altair 5')


RULE = anywhere("altair-renderer", _find, __doc__, package="altair", since="5.0")
