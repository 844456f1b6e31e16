"""Names that tell scores apart: where several have one name, the model and the rows that each is about say which is which."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ferrata.dataflow.names import slug
from ferrata.dataflow.sites import holder
from ferrata.records.analysis import Model, Score
from ferrata.records.observation import Call, Trace

_ROWS = re.compile(r"(?:^|_)(train|training|tr|test|te|ts|valid|validation|val|dev|holdout)\d*(?:_|$)", re.IGNORECASE)
_WORDS = {"tr": "train", "training": "train", "te": "test", "ts": "test", "val": "valid", "validation": "valid"}


def named_apart(scores: Sequence[Score], models: Sequence[Model], traces: Iterable[Trace], about: Mapping[int, str]) -> tuple[Score, ...]:
    """The scores, each under a name of its own. `about`: by position, the token of the model whose predictions a score certainly is about.

    `accuracy`, `accuracy` become `accuracy_lr`, `accuracy_rf` or `accuracy_train`, `accuracy_test`; numbers where neither tells them apart.
    """
    calls = {(holder(trace, call), call.site): call for trace in traces for call in trace.calls if call.kind == "score"}
    groups: dict[str, list[int]] = defaultdict(list)
    for position, score in enumerate(scores):
        groups[score.name].append(position)
    wanted = {position: score.name for position, score in enumerate(scores)}
    for name, positions in groups.items():
        if len(positions) > 1:
            by_model = _apart([_model_words(about.get(p, ""), models) for p in positions])
            by_rows = _apart([_rows_word(calls.get((scores[p].statement, scores[p].site))) for p in positions])
            wanted |= {p: "_".join(filter(None, (name, left, right))) for p, left, right in zip(positions, by_model, by_rows, strict=True)}
    taken: set[str] = set()
    return tuple(replace(score, name=_unique(wanted[position], taken)) for position, score in enumerate(scores))


def _apart(words: list[str]) -> list[str]:
    """Words that say something: all of them the same, or most of them missing, say nothing."""
    return words if len(set(words)) > 1 and all(words) else [""] * len(words)


def _model_words(token: str, models: Sequence[Model]) -> str:
    """The model's name; its type where several models have that name one after the other."""
    model = next((model for model in models if model.token == token), None)
    if model is None:
        return ""
    is_own = bool(model.name) and sum(other.name == model.name for other in models) == 1
    return model.name if is_own else slug(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", model.type.rpartition(".")[2]))


def _rows_word(call: Call | None) -> str:
    found = [_ROWS.search(name) for name in call.argument_names.values()] if call else []
    words = {_WORDS.get(match[1].lower(), match[1].lower()) for match in found if match}
    return words.pop() if len(words) == 1 else ""


def _unique(name: str, taken: set[str]) -> str:
    free = next(one for one in (name, *(f"{name}_{number}" for number in range(2, len(taken) + 3))) if one not in taken)
    taken.add(free)
    return free
