"""Arguments given by position that have to be named now.

scikit-learn 1.0 ("keyword-only arguments", SLEP009), pandas 2.0 and 3.0 (all arguments but the first), seaborn 0.12. The order is that of the last release
that took them by position.

    KFold(5, True, 0)               KFold(5, shuffle=True, random_state=0)
    df.drop("a", 1)                 df.drop("a", axis=1)
    pd.read_csv("a.csv", ";")       pd.read_csv("a.csv", sep=";")
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

# root: (package, since, {function: (how many may stay positional, names in order)})
_FUNCTIONS: dict[str, tuple[str, str, dict[str, tuple[int, str]]]] = {
    "sklearn": (
        "scikit-learn",
        "1.0",
        {
            "KFold": (1, "n_splits shuffle random_state"),
            "StratifiedKFold": (1, "n_splits shuffle random_state"),
            "ShuffleSplit": (1, "n_splits test_size train_size random_state"),
            "StratifiedShuffleSplit": (1, "n_splits test_size train_size random_state"),
            "SVC": (0, "C kernel degree gamma coef0"),
            "SVR": (0, "kernel degree gamma coef0 tol C epsilon"),
            "LinearSVC": (0, "penalty loss dual tol C"),
            "LogisticRegression": (0, "penalty dual tol C"),
            "LinearRegression": (0, "fit_intercept"),
            "Ridge": (1, "alpha fit_intercept"),
            "Lasso": (1, "alpha fit_intercept"),
            "KNeighborsClassifier": (1, "n_neighbors weights algorithm leaf_size p metric"),
            "KNeighborsRegressor": (1, "n_neighbors weights algorithm leaf_size p metric"),
            "DecisionTreeClassifier": (0, "criterion splitter max_depth min_samples_split min_samples_leaf"),
            "DecisionTreeRegressor": (0, "criterion splitter max_depth min_samples_split min_samples_leaf"),
            "RandomForestClassifier": (1, "n_estimators criterion max_depth min_samples_split min_samples_leaf"),
            "RandomForestRegressor": (1, "n_estimators criterion max_depth min_samples_split min_samples_leaf"),
            "AdaBoostClassifier": (1, "estimator n_estimators learning_rate"),
            "BaggingClassifier": (1, "estimator n_estimators max_samples max_features"),
            "VotingClassifier": (1, "estimators voting weights"),
            "GridSearchCV": (2, "estimator param_grid scoring n_jobs"),
            "RandomizedSearchCV": (2, "estimator param_distributions n_iter scoring"),
            "KMeans": (1, "n_clusters init n_init max_iter"),
            "AgglomerativeClustering": (1, "n_clusters"),
            "DBSCAN": (1, "eps min_samples metric"),
            "PCA": (1, "n_components copy whiten"),
            "TSNE": (1, "n_components perplexity"),
            "PolynomialFeatures": (1, "degree interaction_only include_bias"),
            "OneHotEncoder": (0, "categories drop"),
            "SelectKBest": (1, "score_func k"),
            "RFE": (1, "estimator n_features_to_select step"),
            "confusion_matrix": (2, "y_true y_pred labels sample_weight"),
            "classification_report": (2, "y_true y_pred labels target_names sample_weight digits"),
            "accuracy_score": (2, "y_true y_pred normalize sample_weight"),
            "f1_score": (2, "y_true y_pred labels pos_label average"),
            "precision_score": (2, "y_true y_pred labels pos_label average"),
            "recall_score": (2, "y_true y_pred labels pos_label average"),
            "fbeta_score": (2, "y_true y_pred beta labels pos_label average"),
            "roc_auc_score": (2, "y_true y_score average"),
            "roc_curve": (2, "y_true y_score pos_label sample_weight"),
            "precision_recall_curve": (2, "y_true y_score pos_label"),
            "mean_squared_error": (2, "y_true y_pred sample_weight multioutput"),
            "silhouette_score": (2, "X labels metric sample_size"),
            "cross_val_score": (3, "estimator X y groups scoring cv"),
            "cross_val_predict": (3, "estimator X y groups cv"),
            "learning_curve": (3, "estimator X y groups train_sizes cv scoring"),
            "validation_curve": (3, "estimator X y param_name param_range groups cv scoring"),
            "export_graphviz": (2, "decision_tree out_file max_depth feature_names"),
            "resample": (1, ""),
        },
    ),
    "pandas": (
        "pandas",
        "2.0",
        {
            "read_csv": (1, "filepath_or_buffer sep delimiter header names index_col usecols"),
            "read_table": (1, "filepath_or_buffer sep delimiter header names index_col usecols"),
            "read_excel": (2, "io sheet_name header names index_col usecols"),
            "concat": (1, "objs axis join ignore_index"),
        },
    ),
}
# Methods of tables; only with arguments that nothing else is called with.
_METHODS = {"drop": (1, "labels axis"), "pivot": (0, "index columns values"), "set_axis": (1, "labels axis")}


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        path = context.dotted(call.func)
        package, since, functions = _FUNCTIONS.get(path.partition(".")[0], ("", "", {}))
        last = path.rpartition(".")[2]
        if last in functions and context.has(package, since):
            yield from _named(call, *functions[last], f"{last}() takes its further arguments by name since {package} {since}", text)
        elif not path and isinstance(call.func, ast.Attribute) and _is_table_method(call, context):
            yield from _named(call, *_METHODS[call.func.attr], f"{call.func.attr}() takes its further arguments by name since pandas 2.0", text)


def _is_table_method(call: ast.Call, context: Context) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _METHODS or not context.has("pandas", "2.0"):
        return False
    second = call.args[1] if len(call.args) == 2 else None
    is_drop = call.func.attr in ("drop", "set_axis") and isinstance(second, ast.Constant) and second.value in (0, 1, "columns", "index")
    return is_drop or (call.func.attr == "pivot" and 1 <= len(call.args) <= 3 and context.kinds.of(call.func.value) == "table")


def _named(call: ast.Call, kept: int, order: str, why: str, text: Text) -> Iterator[Change]:
    """Names in front of the positional arguments after the first `kept`; nothing when one is starred, unknown or given twice."""
    names = order.split()
    given = text.arguments(call)
    positional = [one for one in given if not one.name]
    if len(positional) <= kept or len(positional) > len(names) or any(one.is_starred for one in positional):
        return
    if {one.name for one in given} & set(names[kept : len(positional)]):
        return
    for one, name in list(zip(positional, names, strict=False))[kept:]:
        yield Change(one.start, one.start, f"{name}=", why)


RULE = anywhere("positional-argument", _find, __doc__)
