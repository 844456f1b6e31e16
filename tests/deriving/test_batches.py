"""Networks of torch on tables: asked batch by batch, in a loop or in a function that keeps no answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests import by_hand
from tests.deriving import bench, cases

from ferrata.records.analysis import Model
from ferrata.records.observation import Call, Site, Value
from ferrata.records.plan import Plan, PlannedStage
from ferrata.records.serving import Serving
from ferrata.steps.deriving.batches import asked_in_batches

HEAD = "import torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader, TensorDataset"
LOADERS = "train_loader = DataLoader(train_set)\ntest_loader = DataLoader(test_set)"
TEST = "def test(loader):\n    right = 0\n    for x, y in loader:\n        right += (net(x).argmax(1) == y).sum()\n    return right"
ROWS = "torch.stack([test_loader.dataset[i][0] for i in range(len(test_loader.dataset))])"


def asked(*cells: str) -> str:
    """The question that is put, "" for none. The network is asked by the last statement."""
    book = by_hand.code(*cells)
    traces = {trace.index: trace for trace in by_hand.observed(book).traces}
    for index, source in book.sources.items():
        loaders = tuple(Value(name, "torch.utils.data.dataloader.DataLoader", name, "") for name in traces[index].binds if "DataLoader(" in source)
        traces[index] = replace(traces[index], values=loaders or traces[index].values)
    last = max(book.sources)
    traces[last] = replace(traces[last], calls=(Call("predict", "__main__.Net.forward", Site(1, 0, 1, 1), receiver="net"),))
    made = Plan("p", "p", "one", (PlannedStage("train", tuple(book.sources)),), (), (), (), (), (), model=Model("net", "net", "Net", "network", ()))
    found = asked_in_batches(made, tuple(book.sources), traces, book.sources)
    return found.prediction if found else ""


LOSSES = (
    ("loss_fn = nn.CrossEntropyLoss()", f"net({ROWS}).argmax(dim=1)"),
    ("loss_fn = nn.BCEWithLogitsLoss()", f"(net({ROWS}) > 0).int()"),
    ("loss_fn = nn.BCELoss()", f"(net({ROWS}) > 0.5).int()"),
    ("loss_fn = nn.MSELoss()", f"net({ROWS}).detach()"),
    ("loss_fn = own_loss()", ""),
    ("loss_fn, other = nn.MSELoss(), nn.CrossEntropyLoss()", ""),
)


@pytest.mark.parametrize(("loss", "question"), LOSSES)
def test_what_is_taken_of_the_numbers_is_told_by_the_loss(loss: str, question: str) -> None:
    assert asked(HEAD, LOADERS, loss, TEST, "print(test(test_loader))") == question


@pytest.mark.parametrize(("statement", "is_told"), (
    ("for x, y in test_loader:\n    total = total + net(x)", True),
    ("print(test(train_loader), test(test_loader))", True),
    ("print(test(loaders[0]))", False),
))
def test_the_loader_is_the_one_that_is_said_last(statement: str, is_told: bool) -> None:
    assert (ROWS in asked(HEAD, LOADERS, "loss_fn = nn.CrossEntropyLoss()", TEST, statement)) is is_told


def test_torch_under_another_name_is_not_asked() -> None:
    assert asked("import torch as t\nfrom torch import nn", LOADERS, "loss_fn = nn.CrossEntropyLoss()", TEST, "print(test(test_loader))") == ""


START = cases.IMPORTS + "\nimport torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader, Dataset, TensorDataset\ntorch.manual_seed(0)"
SCALED = (
    'le = LabelEncoder()\ny = le.fit_transform(df["city"])\nX = df[["area", "rent"]].values\n' + cases.SPLIT
    + "\nscaler = StandardScaler()\nX_train, X_test = scaler.fit_transform(X_train), scaler.transform(X_test)"
)
TENSORS = (
    "train_set = TensorDataset(torch.tensor(X_train, dtype=torch.float32), torch.tensor(y_train))\n"
    "test_set = TensorDataset(torch.tensor(X_test, dtype=torch.float32), torch.tensor(y_test))\n"
    "train_loader = DataLoader(train_set, batch_size=16, shuffle=True)\ntest_loader = DataLoader(test_set, batch_size=16)"
)
NET = (
    "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\n"
    "net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3)).to(device)\n"
    "loss_fn = nn.CrossEntropyLoss()\noptimizer = torch.optim.Adam(net.parameters(), lr=0.05)"
)
TRAIN = (
    "for epoch in range(20):\n    net.train()\n    for xb, yb in train_loader:\n        optimizer.zero_grad()\n"
    "        loss = loss_fn(net(xb.to(device)), yb.to(device))\n        loss.backward()\n        optimizer.step()"
)
COLLECT = (
    "net.eval()\npreds, labels = [], []\nwith torch.no_grad():\n    for xb, yb in test_loader:\n        _, best = torch.max(net(xb.to(device)), 1)\n"
    "        preds.extend(best.cpu().numpy())\n        labels.extend(yb.numpy())\nprint(accuracy_score(labels, preds))"
)
COUNT = (
    "def test(loader):\n    net.eval()\n    right = 0\n    with torch.no_grad():\n        for xb, yb in loader:\n"
    "            right += (net(xb.to(device)).argmax(1) == yb.to(device)).sum().item()\n"
    "    return right / len(loader.dataset)\nprint('accuracy', test(test_loader))"
)
WHOLE = {
    "collected in a list": (START, cases.READ, SCALED, TENSORS, NET, TRAIN, COLLECT),
    "counted in a function": (START, cases.READ, SCALED, TENSORS, NET, TRAIN, COUNT),
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", WHOLE)
def test_a_network_on_a_table_answers_in_the_author_s_words(name: str, tmp_path: Path, frameworks_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", WHOLE[name], {"flats.csv": cases.flats()}), tmp_path / "scratch", frameworks_python)
    assert isinstance(found.served, Serving), found.served
    assert found.served.proof.mismatches == 0 and found.served.proof.rows == 36
    assert [item["name"] for item in found.signature["inputs"]] == ["area", "rent"]
    assert found.signature["outputs"]["prediction"]["labels"] == ["Basel", "Bern", "Chur"] and found.signature["task"] == "classification"
    assert "state.device" not in found.text and "scaler.fit" not in found.text
