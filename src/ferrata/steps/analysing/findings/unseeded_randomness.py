"""Something random is drawn that no seed fixes, and a score depends on it.

Each run then gives another score. Two runs that differ can't tell whether a change to the model helped.

Bad:

    X_train, X_test, y_train, y_test = train_test_split(X, y)
    model = RandomForestClassifier()

Good:

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = RandomForestClassifier(random_state=0)

Certain: `sure` when the observer saw a statement draw from a global generator that nothing had seeded and a score or a
model depends on the statement, or when `default_rng()` is made without a seed there. Draws that only show something
(`df.sample(5)`) are not reported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ferrata.dataflow import graph
from ferrata.dataflow.sites import holder
from ferrata.records.amount import counted
from ferrata.records.finding import Finding
from ferrata.records.observation import Call, Trace
from ferrata.steps.analysing.findings.context import (
    FindingContext,
    Place,
    called,
    class_name,
    listed,
    one_line,
    runs_later,
)
from ferrata.steps.analysing.findings.leakage import data_edges

CODE = "F201"
NAME = "unseeded-randomness"

# Callables with a seed argument that always draw when called or fitted without one.
_SEEDED_BY = dict.fromkeys(
    (
        "train_test_split sample resample ShuffleSplit StratifiedShuffleSplit GroupShuffleSplit RandomizedSearchCV "
        "RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor DecisionTreeClassifier DecisionTreeRegressor "
        "GradientBoostingClassifier GradientBoostingRegressor HistGradientBoostingClassifier HistGradientBoostingRegressor "
        "BaggingClassifier BaggingRegressor AdaBoostClassifier AdaBoostRegressor KMeans MiniBatchKMeans BisectingKMeans MLPClassifier MLPRegressor "
        "SGDClassifier SGDRegressor IsolationForest GaussianMixture BayesianGaussianMixture TSNE UMAP TruncatedSVD FastICA LatentDirichletAllocation "
        "SMOTE ADASYN BorderlineSMOTE SVMSMOTE SMOTENC SMOTETomek SMOTEENN RandomOverSampler RandomUnderSampler "
        "BalancedRandomForestClassifier EasyEnsembleClassifier "
        "make_classification make_regression make_blobs make_moons make_circles permutation_importance Perceptron PassiveAggressiveClassifier"
    ).split(),
    "random_state",
)
# These draw only with some settings; named only when nothing above explains the draw.
_SOMETIMES = dict.fromkeys(
    (
        "LogisticRegression SVC LinearSVC LinearSVR PCA NMF Lasso ElasticNet Ridge RidgeClassifier SpectralClustering IterativeImputer "
        "KBinsDiscretizer QuantileTransformer KFold StratifiedKFold shuffle TargetEncoder RFE MiniBatchSparsePCA"
    ).split(),
    "random_state",
)
_OWN_GENERATORS = {"default_rng": "seed", "RandomState": "seed"}
_TITLES = {"numpy": "NumPy", "random": "Python's `random`", "torch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras"}
_SEEDS = {
    "numpy": "np.random.seed(0)", "random": "random.seed(0)", "torch": "torch.manual_seed(0)",
    "tensorflow": "tf.keras.utils.set_random_seed(0)", "keras": "keras.utils.set_random_seed(0)",
}


class _Site(NamedTuple):
    place: Place
    text: str
    argument: str


def find(context: FindingContext) -> Iterable[Finding]:
    relevant = _relevant(context)
    drawn = [(trace, streams) for trace, streams in unseeded(context) if trace.index in relevant]
    told: set[Place] = set()
    general: list[tuple[Trace, tuple[str, ...]]] = []
    for trace, streams in drawn:
        sites = _sites(context, trace) if "numpy" in streams else []
        rest = tuple(stream for stream in streams if stream != "numpy" or not sites and _is_drawn_by_hand(context, trace))
        general += [(trace, rest)] if rest else []
        for site in sites:
            if site.place not in told:
                told.add(site.place)
                yield _call_finding(site)
    yield from _own_generators(context, relevant)
    yield from _general(context, general)


def unseeded(context: FindingContext) -> Iterator[tuple[Trace, tuple[str, ...]]]:
    """Statements that drew from global generators that nothing had seeded by then, with these generators."""
    seeded: set[str] = set()
    uses_random = any("random" in imported_modules(context, index) for index in context.sources)
    for trace in context.traces:
        seeded |= set(trace.seeds)
        drawn = tuple(stream for stream in trace.consumes if stream not in seeded)
        streams = tuple(stream for stream in drawn if stream != "random" or uses_random)
        if "random" in drawn and not uses_random and _makes_network(trace):
            streams = (*streams, "keras")
        if _is_import(context, trace.index):
            continue
        if streams:
            yield trace, streams


def _makes_network(trace: Trace) -> bool:
    """Keras draws the seeds of its layers from Python's generator, unless `set_random_seed` was called."""
    return any(value.type.startswith(("keras.", "tf_keras.")) for value in trace.values)


def imported_modules(context: FindingContext, index: int) -> set[str]:
    """Modules that the statement imports. Libraries draw names for temporary files from `random`, which no result depends on."""
    nodes = ast.walk(context.tree(index))
    return {part for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)) for part in _modules(node)}


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


def _is_import(context: FindingContext, index: int) -> bool:
    body = context.tree(index).body
    return bool(body) and all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in body)


def _relevant(context: FindingContext) -> frozenset[int]:
    """Statements that a score needs, or where there is none, a fitted model."""
    scored = {run for score in context.scores for run in score.runs}
    return graph.before(scored or context.fitted, data_edges(context))


def _sites(context: FindingContext, trace: Trace) -> list[_Site]:
    for table in (_SEEDED_BY, _SOMETIMES):
        sites = [*_written_in(context, trace, table), *_constructed(context, trace, table)]
        if sites:
            return list(dict.fromkeys(sites))
    return []


def _written_in(context: FindingContext, trace: Trace, table: dict[str, str]) -> Iterator[_Site]:
    """Calls of functions with a seed argument in the statement, or in the author's functions that it called, that leave it out."""
    places = {trace.index, *(holder(trace, call) for call in trace.calls)}
    for index in sorted(places):
        for node in ast.walk(context.tree(index)):
            if isinstance(node, ast.Call) and called(node)[:1].islower() and called(node) in table and not _has_seed(node, table[called(node)]):
                yield _Site(context.place(index, node.lineno), one_line(ast.unparse(node), 200), table[called(node)])


def _constructed(context: FindingContext, trace: Trace, table: dict[str, str]) -> Iterator[_Site]:
    """Constructors without a seed of the objects that the statement fits."""
    fitted = {class_name(call.receiver_type) for call in trace.calls if call.kind in ("fit", "split", "score", "transform")}
    fitted |= {called(node) for node in ast.walk(context.tree(trace.index)) if isinstance(node, ast.Call) and called(node)[:1].isupper()}
    needed = graph.before([trace.index], data_edges(context))
    is_wrapped = table is _SEEDED_BY and any(_holds_others(call) for call in trace.calls)
    names = table.keys() if is_wrapped else fitted & table.keys()
    seen = sorted(needed) if is_wrapped else [other.index for other in context.traces if other.index <= trace.index]
    for index in seen:
        for node in ast.walk(context.tree(index)):
            if not isinstance(node, ast.Call) or not called(node)[:1].isupper() or called(node) not in names:
                continue
            if not _has_seed(node, table[called(node)]) and _draws(node):
                yield _Site(context.place(index, node.lineno), one_line(ast.unparse(node), 200), table[called(node)])


def _has_seed(node: ast.Call, argument: str) -> bool:
    """Also true when the arguments come from a dict that may hold it."""
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg == argument and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None):
            return True
    return False


def _holds_others(call: Call) -> bool:
    """Pipelines, searches, ensembles and cross-validations fit what they were given."""
    parts = ("Pipeline", "Voting", "Stacking", "Multi", "OneVs", "Chain", "ColumnTransformer")
    return call.model == "search" or "cross_val" in call.function or any(part in class_name(call.receiver_type) for part in parts)


# A number is drawn by some of these in any case; only with these settings does a result depend on it.
_MATTERS: dict[str, tuple[str, set[object]]] = {
    "SVC": ("probability", {True}), "LogisticRegression": ("solver", {"liblinear", "sag", "saga"}), "Ridge": ("solver", {"sag", "saga"}),
    "RidgeClassifier": ("solver", {"sag", "saga"}), "Lasso": ("selection", {"random"}), "ElasticNet": ("selection", {"random"}),
    "KFold": ("shuffle", {True}), "StratifiedKFold": ("shuffle", {True}),
}


def _draws(node: ast.Call) -> bool:
    if called(node) not in _MATTERS:
        return True
    setting, values = _MATTERS[called(node)]
    given = [keyword.value for keyword in node.keywords if keyword.arg == setting]
    return any(isinstance(value, ast.Constant) and value.value in values for value in given)


_DRAWN_BY_HAND = re.compile(r"\brandom\b|\bshuffle\b|\bsample\b|\bchoice\b|\bpermutation\b|\brand(n|int)?\b|\bPermutation")


def _is_drawn_by_hand(context: FindingContext, trace: Trace) -> bool:
    """The statement or a function of the author's that it uses says that it draws; a draw inside a library need not change any result."""
    functions = [other.index for other in context.traces if set(other.binds) & set(trace.reads) and runs_later(context.tree(other.index))]
    return any(_DRAWN_BY_HAND.search(context.sources.get(index, "")) for index in (trace.index, *functions))


def _call_finding(site: _Site) -> Finding:
    name = site.text.split("(")[0]
    todo = f"Add `{site.argument}=0`: `{_with_argument(site)}`."
    return Finding(
        CODE, NAME, site.place.cell, site.place.line,
        what=f"`{one_line(site.text)}` has no `{site.argument}`; it draws from NumPy's global generator, which nothing seeds before.",
        why=f"A score depends on it: each run of `{name}` can give another result, so two runs can't be compared.", todo=todo,
    )


def _with_argument(site: _Site) -> str:
    short = len(site.text) <= 110 and site.text.endswith(")")
    if not short:
        return f"{site.text.split('(')[0]}(…, {site.argument}=0)"
    return f"{site.text[:-1]}{'' if site.text.endswith('()') else ', '}{site.argument}=0)"


def _own_generators(context: FindingContext, relevant: frozenset[int]) -> Iterator[Finding]:
    for trace in context.traces:
        if trace.index not in relevant:
            continue
        for node in ast.walk(context.tree(trace.index)):
            if isinstance(node, ast.Call) and called(node) in _OWN_GENERATORS and not node.args and not node.keywords:
                where = context.place(trace.index, node.lineno)
                text = ast.unparse(node)
                yield Finding(
                    CODE, NAME, where.cell, where.line, what=f"`{text}` makes a generator with a new seed on every run.",
                    why="A score depends on what it draws, so two runs can't be compared.", todo=f"Give it a seed: `{text[:-1]}0)`.",
                )


def _general(context: FindingContext, drawn: list[tuple[Trace, tuple[str, ...]]]) -> Iterator[Finding]:
    """One finding for generators that are seeded as a whole: where they are first drawn from and how to seed them."""
    if not drawn:
        return
    streams = list(dict.fromkeys(stream for _, names in drawn for stream in names if stream in _SEEDS))
    if "tensorflow" in streams and "keras" in streams:
        streams.remove("keras")
    if not streams:
        return
    first = next(trace for trace, names in drawn if set(names) & set(streams))
    where = context.place(first.index)
    yield Finding(
        CODE, NAME, where.cell, where.line,
        what=f"`{_first_line(context, first)}` draws from the generator of {listed([_TITLES[stream] for stream in streams])}, which nothing seeds before.",
        why=f"A score depends on it ({counted(len(drawn), 'statement')} {'draws' if len(drawn) == 1 else 'draw'} so), so each run gives another score.",
        todo="Add this to the first cell: `" + "; ".join(_SEEDS[stream] for stream in streams) + "`.",
    )


def _first_line(context: FindingContext, trace: Trace) -> str:
    return one_line(context.sources.get(trace.index, "").split("\n")[0], 70)
