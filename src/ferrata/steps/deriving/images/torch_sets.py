"""The prediction function of a network of torch that was asked about a loader's batches: from the file through the data set's own code to the network."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ferrata.records.current import CurrentCode
from ferrata.records.derivation import Derivation, Fact, Facts, Obstacle, Unit
from ferrata.records.observation import Site, Trace
from ferrata.records.plan import Frozen, Plan
from ferrata.source.names import statement_names
from ferrata.steps.deriving.derive import parts
from ferrata.steps.deriving.follow import order_of
from ferrata.steps.deriving.images.attributes import Attributes
from ferrata.steps.deriving.images.loader_loops import Asking, asking
from ferrata.steps.deriving.images.loops import find_readings
from ferrata.steps.deriving.images.losses import meaning
from ferrata.steps.deriving.images.own_sets import FOUND, Item, OwnSet
from ferrata.steps.deriving.images.readers import find_readers
from ferrata.steps.deriving.images.readings import ASKED, Readings
from ferrata.steps.deriving.places import Stuck
from ferrata.steps.deriving.slices import Slice, registry_of

_COLLATE = "from torch.utils.data import default_collate"
_LOADER = "from torchvision.datasets.folder import default_loader"
_OURS = frozenset({"state", "default_collate", "default_loader", "torch", "len", ASKED})  # what this text brings with it


def derive_from_loader(code: CurrentCode, plan: Plan, traces: Mapping[int, Trace], facts: Facts) -> Derivation | Obstacle | None:
    """None where no network of torch was asked about a data set that opens files of images."""
    told = facts.answer.get("images", {}).get("torch")
    if not told:
        return None
    at = told["call"][0]
    if not told["sets"] and loads_images(code.sources, order_of(plan)) and not find_readings(code.sources, order_of(plan)).found:
        return Obstacle(at, "the network is asked about images one by one, not in the batches that a loader of torch gives")
    if not told["sets"] or told["sets"][0]["kind"] not in ("own", "folder"):
        return None
    facts.answer["images"].update(meaning((code.sources[index] for index in order_of(plan)), facts.answer["images"]), is_seen=told["is_seen"])
    facts.answer["images"]["network"] = plan.model.name if plan.model else ""
    root = Fact(-2, at, Site(0, 0, 0, 0), "images", details={"kind": "array"})
    found = Slice(code, plan, traces, facts, root, registry_of(code, traces), Readings())
    try:
        return _Loaded(found, told, told["sets"][0]).derived()
    except Stuck as error:
        return Obstacle(at, str(error))


@dataclass
class _Loaded:
    """`told` is what the observer found of the network's calls, `about` of the data set."""

    found: Slice
    told: Mapping[str, Any]
    about: Mapping[str, Any]
    imports: list[str] = field(default_factory=list)

    def derived(self) -> Derivation:
        self._refuse()
        statement, *site = self.told["call"]
        asked = asking(self.found.code.sources[statement], Site(*site))
        attributes = Attributes(self.found, self.about, self._classes())
        lines = self._images(attributes, asked)
        self.found.units = [*attributes.units, *lines, *(self._unit(statement, line) for line in asked.lines)]
        network = self._network()
        made = parts(self.found, f"{network}({asked.given})")
        return replace(made, model=network.removeprefix("state."), imports=(*made.imports, "import torch", *self.imports))

    def _network(self) -> str:
        """The network as the pipeline keeps it; whether it answers as the notebook's did is for the proof to say."""
        plan = self.found.plan
        assert plan.model is not None
        kept = next((each for each in plan.crossings if each.name == plan.model.name and each.path.startswith("model/") and each.format), None)
        if kept is None:
            raise Stuck(f"the pipeline keeps no file of the network `{plan.model.name}`")
        self.found.registry.frozen[kept.name] = Frozen(kept.name, kept.path, kept.format, kept.after, is_model=True)
        return f"state.{kept.name}"

    def _refuse(self) -> None:
        """What no file could be answered with as the notebook did."""
        if len(self.told["sets"]) > 1:
            raise Stuck("the network is asked about several data sets in one loop")
        if not self.told["is_collated"]:
            raise Stuck("the loader puts its batches together with a function of the author's")
        if self.about["changing"]:
            raise Stuck(f"the images that the network is asked about are changed at random{self._random()}: no file gives the same twice")
        if self.told["is_training"] and self.told["layers"]:
            layers = ", ".join(self.told["layers"])
            raise Stuck(f"the network is asked as if it were trained (no `eval()`): {layers} answer otherwise then, by chance or by batch")

    def _random(self) -> str:
        shown = [each["shown"] for each in self.about["attributes"].values() if "Random" in each["shown"] or "Jitter" in each["shown"]]
        return f" ({' '.join(shown[0].split())[:100]})" if shown else ""

    def _classes(self) -> dict[str, ast.ClassDef]:
        trees = [ast.parse(self.found.code.sources[index]).body[0] for index in order_of(self.found.plan)]
        return {node.name: node for node in trees if isinstance(node, ast.ClassDef)}

    def _images(self, attributes: Attributes, asked: Asking) -> list[Unit]:
        """The batch of the images that are asked about, by the name that the author's loop has for it."""
        self.imports.append(_COLLATE)
        return [self._unit(attributes.statement, _loop(self._item(attributes), asked))]

    def _item(self, attributes: Attributes) -> Item:
        """What a data set gives for the file of one image."""
        if attributes.about["kind"] == "folder":
            return self._of_folder(attributes)
        if attributes.about["kind"] == "own":
            return self._of_own(attributes)
        raise Stuck(f"the data set `{attributes.about['class']}` opens no files of images")

    def _of_folder(self, attributes: Attributes) -> Item:
        about = attributes.about["attributes"]
        loader = about["loader"]["name"]
        self.imports += [_LOADER] if loader == "default_loader" else []
        transform = "" if about["transform"]["is_none"] else attributes.text("transform")
        opened = f"{loader or attributes.text('loader')}(path)"
        image = f"{transform}({opened})" if transform else opened
        return Item("", "path", image, f"({image}, 0)")

    def _of_own(self, attributes: Attributes) -> Item:
        classes, about = self._classes(), attributes.about
        node = classes.get(about["class"])
        if node is None:
            raise Stuck(f"the class `{about['class']}` of the data set is not among the notebook's statements")

        def inside(name: str) -> Item:
            return self._item(replace(attributes, about=about["attributes"][name]["set"], known={}))

        readers = find_readers(self.found.code.sources, order_of(self.found.plan))
        item = OwnSet(node, classes, about["attributes"], readers, frozenset(attributes.names), inside).item()
        return Item(attributes.written(item.lines), item.variable, attributes.written(item.image), attributes.written(item.whole))

    def _unit(self, statement: int, text: str) -> Unit:
        names = statement_names(text)
        return Unit(statement, text, names.binds, (names.reads | names.deferred_reads) - _OURS)


def _loop(item: Item, asked: Asking) -> str:
    """A loop over the files; one line where there is nothing between the file and the image."""
    each = item.whole if asked.is_whole else item.image
    if not item.lines:
        return f"{asked.target} = default_collate([{each} for {item.variable} in {ASKED}])"
    inner = [f"    {line}" for line in [*item.lines.split("\n"), f"{FOUND}.append({each})"]]
    return "\n".join([f"{FOUND} = []", f"for {item.variable} in {ASKED}:", *inner, f"{asked.target} = default_collate({FOUND})"])


def loads_images(sources: Mapping[int, str], order: Sequence[int]) -> bool:
    """Whether images are opened by a data set of torchvision, or by a class of the author's."""
    readers = find_readers(sources, order)
    for index in order:
        for node in ast.walk(ast.parse(sources[index])):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] in ("ImageFolder", "DatasetFolder"):
                return True
            if isinstance(node, ast.ClassDef) and any(readers.path_of(each) is not None for each in ast.walk(node)):
                return True
    return False


__all__ = ["derive_from_loader", "loads_images"]
