"""Networks of torch that are asked about a loader's batches: from the file of an image to what the network is given."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.deriving import bench, image_cases
from tests.deriving import torch_cases as cases

from ferrata.records.derivation import Obstacle
from ferrata.records.observation import Site
from ferrata.records.serving import Serving
from ferrata.records.signature import problem_of
from ferrata.steps.deriving.images.loader_loops import asking
from ferrata.steps.deriving.images.losses import meaning
from ferrata.steps.deriving.images.own_sets import OwnSet
from ferrata.steps.deriving.images.readers import find_readers
from ferrata.steps.deriving.places import Stuck

# (a loop that asks `net`, what it calls the batch, whether all parts of it are needed, the statements before the call, what the network is given)
ASKED = (
    ("for x, y in loader:\n    p = net(x)", "x", False, (), "x"),
    ("for x, y in loader:\n    x, y = x.to(device), y.to(device)\n    p = net(x)", "x", False, (), "x"),
    ("for x, y in loader:\n    x = x.view(-1, 28 * 28).to(device)\n    y = y.cuda()\n    p = net(x)", "x", False, ("x = x.view(-1, 28 * 28)",), "x"),
    ("for x, y in loader:\n    p = net(x.reshape(len(x), -1).to(device, dtype=torch.float))", "x", False, (), "x.reshape(len(x), -1).to(dtype=torch.float)"),
    ("for i, (x, y) in enumerate(loader, 0):\n    total += len(y)\n    p = net(x.float())", "x", False, (), "x.float()"),
    ("for i, data in enumerate(tqdm(loader)):\n    x, y = data\n    p = net(x)", "data", True, ("x, y = data",), "x"),
    ("for i, data in enumerate(tqdm(loader)):\n    x, y = data[0].to(device), data[1].to(device)\n    p = net(x)", "data", True,
     ("x, y = (data[0], data[1])",), "x"),
    ("for batch in loader:\n    p = net(batch['image'].to(device))", "batch", True, (), "batch['image']"),
    ("for epoch in range(3):\n    for x, y in loader:\n        with torch.no_grad():\n            p = net(x)", "x", False, (), "x"),
    ("def test(net, loader):\n    found = []\n    for x, _ in loader:\n        found.append(net(x).argmax(1))\n    return found", "x", False, (), "x"),
    ("found = [net(x.to(device)) for x, _ in loader]", "x", False, (), "x"),
)


def site_of_call(source: str) -> Site:
    node = next(each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "net")
    return Site(node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)


@pytest.mark.parametrize(("source", "target", "is_whole", "lines", "given"), ASKED)
def test_what_stands_between_the_loader_and_the_network(source: str, target: str, is_whole: bool, lines: tuple[str, ...], given: str) -> None:
    found = asking(source, site_of_call(source))
    assert (found.target, found.is_whole, found.lines, found.given) == (target, is_whole, lines, given)


@pytest.mark.parametrize(("source", "why"), (
    ("p = net(x)", "does not stand in a loop"),
    ("for x, y in loader:\n    p = net(x, y)", "given more than images"),
    ("for x, y in zip(first, second):\n    p = net(x)", "several things at once"),
    ("for x, y in loader:\n    p = net(z)", "is not made of what the loop goes through"),
))
def test_what_cannot_be_told_of_a_loop_is_said(source: str, why: str) -> None:
    with pytest.raises(Stuck, match=why):
        asking(source, site_of_call(source))


def known(value: object) -> dict[str, Any]:
    return {"is_none": value is None, "is_true": bool(value), "text": repr(value), "made": None}


OBJECT = {"is_none": False, "is_true": True, "text": "", "made": None}
READ = "        path = self.paths[i]\n        image = Image.open(path)\n"
# (body of `__getitem__`, attributes, the statements for one file, the image, all that is given back)
ITEMS = (
    (READ + "        return image, self.labels[i]", {}, "image = Image.open(path)", "image", "(image, 0)"),
    ("        return self.transform(Image.open(self.paths[i]).convert('RGB')), self.labels[i]", {}, "", "self.transform(Image.open(path).convert('RGB'))",
     "(self.transform(Image.open(path).convert('RGB')), 0)"),
    (READ + "        if self.transform is not None:\n            image = self.transform(image)\n        return image", {"transform": OBJECT},
     "image = Image.open(path)\nimage = self.transform(image)", "image", "image"),
    (READ + "        if self.transform is not None:\n            image = self.transform(image)\n        return image", {"transform": known(None)},
     "image = Image.open(path)", "image", "image"),
    (READ + "        if self.mode == 'train':\n            image = flip(image)\n        else:\n            image = scale(image)\n        return image",
     {"mode": known("test")}, "image = Image.open(path)\nimage = scale(image)", "image", "image"),
    (READ + "        if not self.labelled:\n            return image\n        return image, self.labels[i]", {"labelled": known(True)},
     "image = Image.open(path)", "image", "(image, 0)"),
    (READ + "        label = torch.tensor(self.labels[i])\n        return {'image': image, 'label': label, 'name': path}", {},
     "image = Image.open(path)", "image", "{'image': image, 'label': 0, 'name': 0}"),
    ("        if torch.is_tensor(i):\n            i = i.tolist()\n        name = os.path.join(self.root, self.table.iloc[i, 0])\n"
     "        image = io.imread(name)\n        y = np.array([self.table.iloc[i, 1:]])\n        return image, y", {},
     "image = io.imread(name)", "image", "(image, 0)"),
)


def own(body: str, attributes: Mapping[str, Any]) -> OwnSet:
    source = f"class Own(Dataset):\n    def __getitem__(self, i):\n{body}"
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.ClassDef)
    return OwnSet(node, {"Own": node}, attributes, find_readers({0: source}, (0,)), frozenset())


@pytest.mark.parametrize(("body", "attributes", "lines", "image", "whole"), ITEMS)
def test_an_item_is_what_its_file_gives(body: str, attributes: Mapping[str, Any], lines: str, image: str, whole: str) -> None:
    found = own(body, attributes).item()
    assert (found.lines, found.image, found.whole) == (lines, image, whole)


@pytest.mark.parametrize(("body", "why"), (
    ("        return self.images[i], self.labels[i]", "opens no file"),
    (READ + "        return image, Image.open(self.masks[i])", "gives 2 things that are made of the image"),
    (READ + "        if i % 2:\n            return image\n        return image.rotate(90)", "in several places"),
    (READ + "        return image.rotate(self.angles[i])", "depends on `i`"),
))
def test_what_an_item_needs_besides_its_file_is_said(body: str, why: str) -> None:
    with pytest.raises(Stuck, match=why):
        own(body, {}).item()


# (statement with a loss, columns of the answer, whether they are probabilities already, of classes, logits)
LOSSES = (
    ("loss = nn.CrossEntropyLoss()", 3, False, True, True),
    ("loss = nn.CrossEntropyLoss()", 3, True, True, False),
    ("loss = F.nll_loss(net(x), y)", 3, False, True, True),
    ("loss = nn.BCEWithLogitsLoss()", 1, False, True, True),
    ("loss = torch.nn.BCELoss()", 1, False, True, False),
    ("loss = nn.BCEWithLogitsLoss()", 3, False, False, False),
    ("loss = nn.MSELoss()", 1, False, False, False),
    ("loss = nn.MSELoss()\nother = nn.CrossEntropyLoss()", 3, False, False, False),
    ("loss = mine(x)", 3, False, False, False),
)


@pytest.mark.parametrize(("source", "width", "is_distribution", "is_of_classes", "is_logits"), LOSSES)
def test_what_the_numbers_mean_is_what_the_loss_says(source: str, width: int, is_distribution: bool, is_of_classes: bool, is_logits: bool) -> None:
    found = meaning([source], {"answered": [8, width], "is_distribution": is_distribution})
    assert (found["is_of_classes"], found["is_logits"]) == (is_of_classes, is_logits)


@pytest.mark.heavy
@pytest.mark.parametrize("case", cases.OWN, ids=lambda case: case.name)
def test_every_image_is_answered_as_the_network_did(case: Any, tmp_path: Path, frameworks_python: Path) -> None:
    author = tmp_path / "author"
    author.mkdir()
    image_cases.write_images(author)
    found = bench.served(bench.notebook(author, case.cells, {}), tmp_path / "scratch", frameworks_python)
    if case.why:
        assert isinstance(found.served, Obstacle) and case.why in found.served.why
        return
    assert isinstance(found.served, Serving), found.served
    assert found.served.proof.mismatches == 0 and found.served.proof.rows >= 8 and found.served.proof.of == case.of
    answers = found.text[found.text.index("def answers") : found.text.index("def label")]
    assert [piece for piece in case.holds if piece not in answers] == [], answers
    assert [piece for piece in case.lacks if piece in answers] == [], answers
    assert found.signature["outputs"]["prediction"]["labels"] == list(case.labels) and problem_of(found.signature) == ""
