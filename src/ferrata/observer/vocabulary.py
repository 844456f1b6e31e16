"""The calls worth watching, by the last word of what is written before the parenthesis, and what kind each is."""

import re

FIT = frozenset(
    {
        "fit",
        "fit_transform",
        "fit_predict",
        "fit_resample",
        "partial_fit",
        "fit_generator",
        "train_on_batch",
        "train",
        "curve_fit",
        "polyfit",
        "adapt",
        "fit_regularized",
        "train_unsupervised",
        "train_supervised",
        "auto_arima",
        "cv",
        "search",
        "optimize",
    }
)
TRANSFORM = frozenset({"transform", "inverse_transform"})
PREDICT = frozenset(
    {
        "predict",
        "predict_proba",
        "predict_log_proba",
        "predict_classes",
        "predict_generator",
        "predict_on_batch",
        "decision_function",
        "score_samples",
        "forecast",
        "get_forecast",
        "get_prediction",
        "kneighbors",
    }
)
SCORE = frozenset(
    {
        "score",
        "evaluate",
        "evaluate_generator",
        "cross_val_score",
        "cross_validate",
        "classification_report",
        "from_predictions",
        "from_estimator",
        "confusion_matrix",
        "roc_curve",
        "precision_recall_curve",
        "auc",
        "silhouette_score",
        "silhouette_samples",
        "accuracy",
        "log_loss",
        "precision_recall_fscore_support",
        "learning_curve",
        "validation_curve",
        "permutation_test_score",
        "matthews_corrcoef",
        "rmse",
        "mse",
        "mae",
        "mape",
        "r2",
        "f1",
        "precision",
        "recall",
        "RMSE",
        "MSE",
        "MAE",
        "MAPE",
        "multilabel_confusion_matrix",
        "mean_squared_log_error",
        "permutation_importance",
        "cross_val_predict",
        "mean_absolute_percentage_error",
    }
)
SPLIT = frozenset({"train_test_split", "split", "random_split", "temporal_train_test_split"})
SAVE = frozenset(
    {
        "dump",
        "save",
        "save_model",
        "save_weights",
        "save_pretrained",
        "savez",
        "savez_compressed",
        "savetxt",
        "to_csv",
        "to_pickle",
        "to_parquet",
        "to_excel",
        "to_json",
        "to_feather",
        "to_hdf",
        "imwrite",
        "imsave",
        "savefig",
        "write_image",
        "write_html",
        "export",
        "save_npz",
    }
)
LOAD = frozenset(
    {
        "imread",
        "image_dataset_from_directory",
        "text_dataset_from_directory",
        "flow_from_directory",
        "flow_from_dataframe",
        "loadtxt",
        "genfromtxt",
        "read_csv",
        "ImageFolder",
        "urlretrieve",
        "urlopen",
        "fromfile",
        "get_file",
        "load_img",
        "make_classification",
        "make_regression",
        "make_blobs",
        "make_moons",
        "make_circles",
    }
)
DISPLAY = frozenset({"print", "display"})

_LOADING = re.compile(r"(read_\w+|load|load_\w+|fetch_\w+|from_csv|open_dataset)$")
_SCORING = re.compile(r"\w+_(score|error|loss|scores|accuracy)$")


def kind_of(word):
    """`fit`, `transform`, `predict`, `score`, `split`, `load`, `save`, `seed`, `step`, or "" for a call that is not watched."""
    for kind, words in _KINDS:
        if word in words:
            return kind
    if _LOADING.match(word):
        return "load"
    return "score" if _SCORING.match(word) else ""


_SEED = frozenset(
    {
        "seed",
        "manual_seed",
        "manual_seed_all",
        "set_seed",
        "set_random_seed",
        "seed_everything",
        "setstate",
        "set_state",
        "set_rng_state",
        "reset_seeds",
        "seed_torch",
        "seed_all",
    }
)
_STEP = frozenset({"step", "apply_gradients"})
_KINDS = (
    ("fit", FIT),
    ("transform", TRANSFORM),
    ("predict", PREDICT),
    ("score", SCORE),
    ("split", SPLIT),
    ("save", SAVE),
    ("load", LOAD),
    ("seed", _SEED),
    ("step", _STEP),
)
