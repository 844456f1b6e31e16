"""The signature of a prediction, as `model/signature.json` holds it: the one description of it, for who writes it and for who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict, get_args, get_origin, get_type_hints

VERSION = 1
PLACE = "model/signature.json"
PROOF_ROWS = "model/proof_rows.jsonl"

Kind = Literal["table", "image", "text", "series"]
Task = Literal["classification", "regression", "clustering", "forecast"]
InputType = Literal["integer", "number", "string", "boolean", "datetime", "image", "text", "array"]
OutputType = Literal["string", "integer", "number", "boolean", "array"]


class Model(TypedDict):
    """`name` is the author's variable, `type` the class with its module."""

    name: str
    type: str | None


class Input(TypedDict):
    """One value that a prediction needs. `gaps`: the training data has some there, so a request may leave it out; `nullable`: a request may say that it is
    missing, because the author's code then answers all the same; `min`, `max` and `categories` are what training saw; `missing` and `unseen` are sentences on
    what a gap, or a value that training never saw, does."""

    name: str
    type: InputType
    gaps: bool
    nullable: bool
    min: float | int | None
    max: float | int | None
    categories: list[Any] | None
    unit: str | None
    missing: str | None
    unseen: str | None
    example: Any


class Image(TypedDict):
    width: int
    height: int
    channels: int
    formats: list[str]


class Prediction(TypedDict):
    """`labels` are the author's own words for the classes."""

    type: OutputType
    labels: list[Any] | None


class Outputs(TypedDict):
    """`probabilities`: one for each label, whose name is the label as text."""

    prediction: Prediction
    probabilities: bool


class Example(TypedDict):
    input: dict[str, Any]
    output: dict[str, Any]


class _Bound(TypedDict, total=False):
    bound: float | None


class Proved(_Bound):
    """How many rows the function was proved on, `of` which; `level` as everywhere.

    `bound` is the difference that counts as equal for numbers, relative for a prediction and absolute for a probability; null for the usual 1e-9. Networks
    state theirs, measured: they round otherwise in batches of another size. Labels have none.
    """

    rows: int
    mismatches: int
    level: str
    of: str


class Signature(TypedDict):
    """`function` is the module with `load` and `predict`, a path in the project; `level` "prepared": it takes what the pipeline prepares, not raw rows.

    `image` describes the pictures of kind "image". Absent knowledge is null.
    """

    schema_version: int
    name: str
    kind: Kind
    task: Task
    model: Model
    level: Literal["raw", "prepared"]
    function: str
    inputs: list[Input]
    image: Image | None
    outputs: Outputs
    example: Example
    proof: Proved


def problem_of(found: Any) -> str:
    """What is wrong with the content of a signature file, as half a sentence; "" for nothing."""
    if not isinstance(found, dict):
        return "it is no object"
    if found.get("schema_version") != VERSION:
        return f"its schema_version is {found.get('schema_version')!r}, and {VERSION} is known here"
    if problem := _problem(found, Signature, ""):
        return problem
    return "" if found["inputs"] else "its inputs are none"


def _problem(value: Any, form: Any, place: str) -> str:
    """Follows the annotations above. Numbers and texts are told apart; what a union allows is not looked into beyond null."""
    if isinstance(form, type) and issubclass(form, dict) and hasattr(form, "__required_keys__"):
        return _object_problem(value, form, place)
    if get_origin(form) is Literal:
        return "" if value in get_args(form) else f"{place} is {value!r}, and not one of {', '.join(map(repr, get_args(form)))}"
    if get_origin(form) is list:
        if not isinstance(value, list):
            return f"{place} is no list"
        return next((found for number, item in enumerate(value) if (found := _problem(item, get_args(form)[0], f"{place}[{number}]"))), "")
    options = get_args(form)
    if options and type(None) in options:
        others = [_problem(value, option, place) for option in options if option is not type(None)]
        return "" if value is None or "" in others else others[0]
    kinds: dict[Any, tuple[type, ...]] = {str: (str,), bool: (bool,), int: (int,), float: (int, float)}
    is_of_kind = isinstance(value, kinds.get(form, (object,))) and (form not in (int, float) or not isinstance(value, bool))
    return "" if is_of_kind else f"{place} is {value!r}, and no {form.__name__}"


def _object_problem(value: Any, form: Any, place: str) -> str:
    if not isinstance(value, Mapping):
        return f"{place} is no object"
    forms = get_type_hints(form)
    lacking = [name for name in forms if name not in value and name in form.__required_keys__]
    if lacking:
        return f"{place or 'it'} lacks {', '.join(lacking)}"
    return next((found for name, each in forms.items() if name in value and (found := _problem(value[name], each, f"{place}.{name}" if place else name))), "")
