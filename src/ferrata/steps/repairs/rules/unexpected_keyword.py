"""A keyword argument that a method no longer takes, known by the failure "… got an unexpected keyword argument 'nb_epoch'".

The message names the argument; the list below says what became of it. `None` means that it had no effect on the result, or none any more.

    model.fit(X, y, nb_epoch=5)                     model.fit(X, y, epochs=5)
    ax.hist(x, normed=True)                         ax.hist(x, density=True)
    results = ARIMA(y, order=(1, 1, 1)).fit(disp=0) results = ARIMA(y, order=(1, 1, 1)).fit()
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text

# (function written in the call, argument): new name, or None.
_KNOWN: dict[tuple[str, str], str | None] = {
    ("fit", "nb_epoch"): "epochs",
    ("fit", "disp"): None,
    ("fit", "workers"): None,
    ("fit", "max_queue_size"): None,
    ("fit", "max_q_size"): None,
    ("fit", "use_multiprocessing"): None,
    ("fit", "pickle_safe"): None,
    ("fit", "samples_per_epoch"): "steps_per_epoch",
    ("fit", "nb_val_samples"): "validation_steps",
    ("fit", "show_accuracy"): None,
    ("fit_generator", "nb_epoch"): "epochs",
    ("evaluate", "workers"): None,
    ("evaluate", "use_multiprocessing"): None,
    ("evaluate", "show_accuracy"): None,
    ("predict", "workers"): None,
    ("predict", "use_multiprocessing"): None,
    ("predict", "max_queue_size"): None,
    ("hist", "normed"): "density",
    ("grid", "b"): "visible",
    ("boxplot", "labels"): "tick_labels",
    ("stem", "use_line_collection"): None,
    ("to_csv", "line_terminator"): "lineterminator",
    ("to_excel", "encoding"): None,
    ("describe", "datetime_is_numeric"): None,
    ("jointplot", "stat_func"): None,
    ("distplot", "axlabel"): None,
    ("savefig", "frameon"): None,
    ("seasonal_decompose", "freq"): "period",
    ("load_model", "options"): None,
    ("SimpleImputer", "verbose"): None,
    ("groupby", "squeeze"): None,
    ("Word2Vec", "size"): "vector_size",
    ("Word2Vec", "iter"): "epochs",
    ("FastText", "size"): "vector_size",
    ("Doc2Vec", "size"): "vector_size",
}
# `typ="levels"` asked for what is the only answer now; without it the old ARIMA answered in differences.
_ONLY = {("predict", "typ"): ("levels",), ("plot_predict", "typ"): ("levels",), ("set_axis", "inplace"): (False,), ("dropna", "inplace"): (False,)}


def _find(text: Text, context: Context) -> Iterator[Change]:
    found = re.search(r"unexpected keyword argument '(\w+)'|Unknown (?:keyword )?arguments?:? .*?'(\w+)'|not recognized: \{?'(\w+)'", context.message)
    name = next((part for part in found.groups() if part), "") if found else ""
    for call in text.calls():
        written = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
        argument = text.argument(call, name)
        if argument is None:
            continue
        if (written, name) in _KNOWN:
            new = _KNOWN[written, name]
            if new is None:
                yield from text.dropped(call, {name}, f"{written}() takes no {name}= today, and it has no effect on the result")
            else:
                yield Change(argument.start, argument.start + len(name), new, f"{written}({name}=) is {new}= today")
        elif isinstance(argument.value, ast.Constant) and argument.value.value in _ONLY.get((written, name), ()):
            yield from text.dropped(call, {name}, f"{written}() takes no {name}= today; {text.of(argument.value)} is what it does")


RULE = on_failure("unexpected-keyword", _find, __doc__, message=r"unexpected keyword argument|not recognized: |Unknown (keyword )?argument")
