"""Networks of torch that are only asked batch by batch, in a loop over a loader or a function of the author's that keeps no answers."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from ferrata.records.observation import Trace
from ferrata.records.plan import Plan, PredictionPlan
from ferrata.source.names import statement_names
from ferrata.steps.deriving.images.losses import losses

_LOADER = "torch.utils.data.dataloader.DataLoader"
# What accuracy takes of the numbers of a network, by the loss that it is trained with.
_DECISIONS = {
    "CrossEntropyLoss": "{}.argmax(dim=1)", "cross_entropy": "{}.argmax(dim=1)", "NLLLoss": "{}.argmax(dim=1)", "nll_loss": "{}.argmax(dim=1)",
    "BCEWithLogitsLoss": "({} > 0).int()", "binary_cross_entropy_with_logits": "({} > 0).int()", "BCELoss": "({} > 0.5).int()",
    "binary_cross_entropy": "({} > 0.5).int()",
}
_OF_NUMBERS = "{}.detach()"


def asked_in_batches(plan: Plan, order: Sequence[int], traces: Mapping[int, Trace], sources: Mapping[int, str]) -> PredictionPlan | None:
    """What the network answers for the whole data set of the loader that it was last asked about; None where that cannot be said."""
    model = plan.model
    if model is None or not model.name or model.kind != "network" or not _imports_torch(sources):
        return None
    decisions = {_DECISIONS.get(name, _OF_NUMBERS) for name in losses(sources[index] for index in order)}
    asking = [index for index in order if any(call.receiver == model.token and call.function.endswith(".forward") for call in traces[index].calls)]
    loader = _loader(asking[-1], order, traces, sources) if asking else ""
    if len(decisions) != 1 or not loader:
        return None
    items = f"{loader}.dataset[i][{{}}] for i in range(len({loader}.dataset))"
    answer = decisions.pop().format(f"{model.name}(torch.stack([{items.format(0)}]))")
    return PredictionPlan(asking[-1], f"[{items.format(1)}]", answer)


def _imports_torch(sources: Mapping[int, str]) -> bool:
    nodes = [node for source in sources.values() if source.startswith("import") for node in ast.parse(source).body]
    return any(alias.name.split(".")[0] == "torch" and not alias.asname for node in nodes if isinstance(node, ast.Import) for alias in node.names)


def _loader(at: int, order: Sequence[int], traces: Mapping[int, Trace], sources: Mapping[int, str]) -> str:
    """The loader that the statement says last; else the only one that what it calls reads. "" where there is none."""
    types = {value.name: value.type for index in order[: order.index(at) + 1] for value in traces[index].values}
    said = [node.id for node in _in_order(sources[at]) if types.get(node.id) == _LOADER]
    read = {name for name in (*traces[at].reads, *statement_names(sources[at]).reads) if types.get(name) == _LOADER}
    return said[-1] if said else read.pop() if len(read) == 1 else ""


def _in_order(source: str) -> list[ast.Name]:
    names = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    return sorted(names, key=lambda node: (node.lineno, node.col_offset))
