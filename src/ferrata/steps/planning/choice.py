"""Which of the notebook's models is *the* model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ferrata.records.analysis import Model

# Metrics where less is better; for everything else more is.
_LOWER = re.compile(r"error|loss|rmse|mse|mae|mape|aic|bic|deviance|davies", re.IGNORECASE)

_MOST_NAMED = 6


def choose(models: Sequence[Model], name: str = "") -> tuple[Model | None, str]:
    """*The* model and why it was chosen: the one asked for, the one the author saved, the best on the main score, the last one fitted.

    One whose name a later model took is gone when the notebook ends.
    """
    named = [model for place, model in enumerate(models) if model.name and all(model.name != later.name for later in models[place + 1 :])]
    if name:
        asked = [model for model in models if name in (model.name, model.type.rsplit(".", 1)[-1])]
        return (asked[-1], "it was asked for") if asked else (None, f"no model is called `{name}`")
    saved = [model for model in models if model.saved]
    if saved:
        return saved[-1], "the notebook saves it"
    scored = [model for model in named if model.main_score is not None]
    if len(scored) > 1:
        return _best(scored)
    if scored or named or models:
        chosen = (scored or named or list(models))[-1]
        if len(models) == 1:
            return chosen, "it is the only one"
        return chosen, "it is the only one with a score" if scored else "it is the last one fitted"
    return None, "the notebook fits no model"


def _best(models: Sequence[Model]) -> tuple[Model, str]:
    metric = models[0].main_score_name
    sign = -1.0 if _LOWER.search(metric) else 1.0
    best = max(models, key=lambda model: sign * (model.main_score or 0.0))
    return best, f"it has the best {metric} ({best.main_score:.4g}) of {len(models)} models"


def told(model: Model, why: str, models: Sequence[Model]) -> str:
    """Which model it is, and how to take another one: there is a prediction function of one only."""
    if model.answer:
        return f"The project's model is written out in the notebook, `{model.answer} = …`: no object holds it."
    said = f"The project's model is {f'`{model.name}`' if model.name else 'a ' + model.type.rsplit('.', 1)[-1]}: {why}."
    others = list(dict.fromkeys(each.name for each in models if each.name and each.name != model.name))
    if not others:
        return said
    shown = ", ".join(f"`{name}`" for name in others[:_MOST_NAMED]) + (f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else "")
    return f"{said} A prediction function is made of it alone; to have that of another one ({shown}): `--model {others[0]}`."
