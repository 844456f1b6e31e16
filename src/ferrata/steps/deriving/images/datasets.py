"""Data sets that libraries read from folders of images: what they and the author's `map` do with each file, without batches, order and labels."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from ferrata.steps.deriving.images.decoders import Decoder, of_folder, of_generator
from ferrata.steps.deriving.images.readings import ASKED
from ferrata.steps.deriving.places import Stuck

# Methods that say when and in which order elements come, not what they are.
_SAME = frozenset({
    "cache", "prefetch", "shuffle", "repeat", "take", "skip", "with_options", "shard", "filter", "apply", "as_numpy_iterator", "ignore_errors", "reset",
})
FOLDERS = ("image_dataset_from_directory",)
GENERATORS = ("flow_from_directory", "flow_from_dataframe")
SLICES = ("from_tensor_slices", "list_files")
LABELS = "no_labels"


@dataclass(frozen=True)
class Made:
    """An expression of the images: `is_batch`: one array of all of them, else a list; `is_labelled`: the author's functions take a label beside each.

    `name` is the variable that it comes from, where the expression is about one.
    """

    text: str
    is_batch: bool
    is_labelled: bool


@dataclass
class Rewriting:
    """`functions`: the author's own by name; `known`: what the names of data sets are now; `decoder`: how files are opened, once that is found; `paired`: the
    names of functions that give a label beside the image."""

    functions: Mapping[str, ast.FunctionDef]
    known: dict[str, Made] = field(default_factory=dict)
    decoder: Decoder | None = None
    needs_labels: bool = False
    paired: set[str] = field(default_factory=set)

    def of(self, node: ast.expr) -> Made | None:
        """None for what is no data set of images."""
        if isinstance(node, ast.Name):
            made = self.known.get(node.id)
            return Made(node.id, made.is_batch, made.is_labelled) if made else None
        if isinstance(node, ast.Tuple):  # parts of one data set
            parts = [self.of(each) for each in node.elts]
            return parts[0] if parts and len(set(parts)) == 1 else None
        if isinstance(node, ast.Subscript):  # one part of what was split
            return self.of(node.value)
        if not isinstance(node, ast.Call):
            return None
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
        if name in (*FOLDERS, *GENERATORS, *SLICES):
            return self._read(name, node)
        if isinstance(node.func, ast.Attribute):
            return self._method(name, node, node.func.value)
        return self._function(node)

    def _read(self, name: str, node: ast.Call) -> Made:
        if name in SLICES:
            is_pair = bool(node.args) and isinstance(node.args[0], ast.Tuple)
            return Made(f"[str(path) for path in {ASKED}]", False, is_pair)
        self.decoder = of_folder(node) if name in FOLDERS else of_generator(node)
        return Made(self.decoder.text, self.decoder.is_batch, self.decoder.is_labelled)

    def _method(self, name: str, node: ast.Call, owner: ast.expr) -> Made | None:
        made = self.of(owner)
        if made is None:
            return None
        if name in _SAME:
            return made
        if name in ("batch", "padded_batch", "ragged_batch"):
            return made if made.is_batch else Made(f"tf.stack({made.text})", True, made.is_labelled)
        if name == "map" and node.args:
            return self._mapped(made, node.args[0])
        raise Stuck(f"`{name}` of a data set of images")

    def _mapped(self, made: Made, function: ast.expr) -> Made:
        """The author's function on the whole batch, or on each image before there are batches."""
        is_pair = self._gives_pair(function, made)
        self.paired |= {function.id} if is_pair and isinstance(function, ast.Name) else set()
        text = f"({_without_call(function)})" if isinstance(function, ast.Lambda) else ast.unparse(function)
        part = "[0]" if is_pair else ""
        if made.is_batch:
            self.needs_labels |= made.is_labelled
            return Made(f"{text}({made.text}{f', {LABELS}' if made.is_labelled else ''}){part}", True, is_pair)
        return Made(f"[{text}(each{', 0' if made.is_labelled else ''}){part} for each in {made.text}]", False, is_pair)

    def _gives_pair(self, function: ast.expr, made: Made) -> bool:
        """Whether an image comes back with its label."""
        if isinstance(function, ast.Lambda):
            return isinstance(function.body, ast.Tuple) or (self._is_pair_call(function.body))
        own = self.functions.get(function.id) if isinstance(function, ast.Name) else None
        if own is None:
            return made.is_labelled
        returns = [node.value for node in ast.walk(own) if isinstance(node, ast.Return) and node.value is not None]
        return any(isinstance(value, ast.Tuple) or self._is_pair_call(value) for value in returns)

    def _is_pair_call(self, node: ast.expr) -> bool:
        own = self.functions.get(node.func.id) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
        return own is not None and any(isinstance(each, ast.Return) and isinstance(each.value, ast.Tuple) for each in ast.walk(own))

    def _function(self, node: ast.Call) -> Made | None:
        """The author's own function that prepares a data set: its statements one by one, with what the call says of its options."""
        function = self.functions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if function is None:
            return None
        given = _arguments(function, node)
        inner = Rewriting(self.functions, {}, self.decoder, paired=self.paired)
        for name, value in given.items():
            made = self.of(value)
            if made is not None:
                inner.known[name] = made
        found = inner.ends(function.body, given, {})
        self.decoder, self.needs_labels = inner.decoder, self.needs_labels or inner.needs_labels
        return found

    def ends(self, body: list[ast.stmt], given: Mapping[str, ast.expr], texts: dict[str, Made]) -> Made | None:
        """What a function returns, when each of its data sets is written in place of its name."""
        texts = dict(self.known) | texts
        for node in body:
            found = self._step(node, given, texts)
            if found is not None:
                return found
        return None

    def _step(self, node: ast.stmt, given: Mapping[str, ast.expr], texts: dict[str, Made]) -> Made | None:
        if isinstance(node, ast.If):
            return self._branch(node, given, texts)
        value = node.value if isinstance(node, (ast.Assign, ast.Return)) else None
        made = self._inline(value, texts) if value is not None else None
        if isinstance(node, ast.Return):
            return made
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and made is not None:
            texts[node.targets[0].id] = made
        return None

    def _inline(self, value: ast.expr, texts: Mapping[str, Made]) -> Made | None:
        inner = _Inlined(self.functions, dict(texts), self.decoder, paired=self.paired)
        made = inner.of(value)
        self.decoder, self.needs_labels = inner.decoder, self.needs_labels or inner.needs_labels
        return made

    def _branch(self, node: ast.If, given: Mapping[str, ast.expr], texts: dict[str, Made]) -> Made | None:
        """`if augment: …`: what the call, or the function's own default, says; what changes the images may not be guessed."""
        value = given.get(node.test.id) if isinstance(node.test, ast.Name) else None
        if not isinstance(value, ast.Constant):
            raise Stuck(f"`if {ast.unparse(node.test)}` decides what is done with images")
        for each in node.body if value.value else node.orelse:
            found = self._step(each, given, texts)
            if found is not None:
                return found
        return None


class _Inlined(Rewriting):
    """Names stand for their expressions."""

    def of(self, node: ast.expr) -> Made | None:
        return self.known.get(node.id) if isinstance(node, ast.Name) else super().of(node)


def _without_call(function: ast.Lambda) -> str:
    """`lambda p: (load(p), label_of(p))` with None for a label that is made there."""
    body = function.body
    if not isinstance(body, ast.Tuple) or not any(isinstance(each, ast.Call) for part in body.elts[1:] for each in ast.walk(part)):
        return ast.unparse(function)
    parts = [body.elts[0], *(ast.Constant(None) for _ in body.elts[1:])]
    return ast.unparse(ast.Lambda(function.args, ast.Tuple(parts, ast.Load())))


def _arguments(function: ast.FunctionDef, node: ast.Call) -> dict[str, ast.expr]:
    names = [argument.arg for argument in function.args.args]
    found: dict[str, ast.expr] = dict(zip(names[len(names) - len(function.args.defaults) :], function.args.defaults, strict=True))
    found |= dict(zip(names, node.args, strict=False))
    return found | {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
