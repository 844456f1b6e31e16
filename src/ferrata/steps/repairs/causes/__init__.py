"""Why a notebook does not run, in one sentence for its author.

A cause is one function: it looks at the failure and answers with (what, what to do), or None when it is not the one. The list below is asked in order;
the last one always answers.
"""

from __future__ import annotations

from collections.abc import Callable

from ferrata.records.adoption import Cause
from ferrata.records.environment import Environment
from ferrata.records.notebook import Notebook
from ferrata.records.observation import Failure
from ferrata.steps.repairs.causes import code, data, outside, packages
from ferrata.steps.repairs.causes.scene import Answer, Scene

CAUSES: tuple[Callable[[Scene], Answer | None], ...] = (
    outside.killed,
    outside.out_of_memory,
    code.wants_input,
    packages.missing_module,
    outside.network,
    outside.credentials,
    outside.graphics_card,
    outside.missing_program,
    outside.screen,
    data.damaged,
    data.missing_file,
    data.not_readable,
    packages.removed_name,
    packages.removed_argument,
    code.undefined_name,
    code.not_python,
    code.own_error,
    data.missing_column,
    data.missing_values,
    packages.changed_behaviour,
    code.anything,
)


def explain(failure: Failure, notebook: Notebook, environment: Environment, *, tried: tuple[str, ...] = ()) -> Cause:
    """The cause of a failure: which cell and line, why, what to do. `tried` is passed on to the record."""
    scene = Scene(failure, notebook, environment)
    what, todo = next(answer for cause in CAUSES if (answer := cause(scene)) is not None)
    note = " (it failed in the same way when the notebook was saved)" if scene.failed_before else ""
    return Cause(
        "run", f"{what}{note}", where=f"cell {failure.cell}, line {scene.line}", todo=todo, cell=failure.cell, line=scene.line, tried=tried
    )
