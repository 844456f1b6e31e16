"""The sample notebooks: each odd in one way, named for it, and what must become of it.

A notebook lies with its data in `tests/notebooks/NAME/`. Its saved outputs come from a real run on the packages of its day; where its text no
longer runs (a path of another machine, a removed call) they come from a run of the same notebook with that one thing put right.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NOTEBOOKS = Path(__file__).parent / "notebooks"
EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass(frozen=True)
class Sample:
    """One notebook and what `ferrata adopt` must say of it.

    `stages` and `scores` are the least numbers of them; `named` are names that must be among the scores; `model` is the name of the model chosen,
    where it matters; `findings` slugs that must be reported, `absent` slugs that must not; `edited` is text that must be in the `before` of an edit;
    `cause` words of the cause, and `cell` its code cell.
    `left_out`: how many statements must have been left out because they cannot run.
    `noisy`: a score may differ within the spread of repeated runs. `heavy`: needs torch, whose build for a processor alone is not everywhere to be had, or
    tensorflow to show what others show.
    `first`: among the first to try after a change; `more`: tried by `make test-more` alone.
    `served`: a prediction function for raw rows must be proved, on so many rows at least.
    """

    name: str
    odd: str
    outcome: str = "proved"
    stages: int = 1
    scores: int = 0
    named: tuple[str, ...] = ()
    model: str = ""
    findings: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    edited: str = ""
    cause: tuple[str, ...] = ()
    cell: int = 0
    status: int = 0
    left_out: int = 0
    options: tuple[str, ...] = ()
    file: str = ""
    root: Path = NOTEBOOKS
    noisy: bool = False
    heavy: bool = False
    first: bool = False
    more: bool = False
    served: int = 0

    @property
    def folder(self) -> Path:
        return self.root / self.name

    @property
    def path(self) -> Path:
        return self.folder / (self.file or f"{self.name}.ipynb")


DEMO = Sample(
    "churn", "the demo: a Windows path, a scaler fitted on everything, a helper with globals, two models", stages=3, scores=5,
    findings=("absolute-path", "fitted-before-split"), root=EXAMPLES, first=True, served=499,
)

PROVED = (
    DEMO,
    Sample("helper_reads_global", "a helper reads the split from globals", stages=2, scores=3, findings=("statistics-before-split",), first=True,
           served=75),
    Sample("names_reassigned", "`df` is a table, another table and an array of predictions", stages=3, scores=2, first=True, served=93),
    Sample("two_models_one_saved", "two models; the author saves the worse one", stages=3, scores=2, named=("acc_lr", "acc_rf"), model="lr", first=True,
           served=90),
    Sample("scaled_before_split", "the scaler is fitted on all rows", stages=3, scores=2, findings=("fitted-before-split",), first=True, served=60),
    Sample("oversampled_before_split", "rows are repeated before the split", stages=3, scores=2, findings=("resampled-before-split",), served=61),
    Sample("no_seed", "nothing is seeded", stages=3, scores=2, findings=("unseeded-randomness",), noisy=True, first=True, served=73),
    Sample("explores_after_seed", "exploration draws from the seeded generator before the split does", stages=3, scores=2,
           absent=("unseeded-randomness",), first=True),
    Sample("windows_path", "the data has a path of the author's Windows machine", stages=3, scores=2, findings=("absolute-path",), first=True, served=96),
    Sample("kaggle_input", "the data lies under /kaggle/input", stages=3, scores=1, findings=("absolute-path",), more=True),
    Sample("colab_drive", "Colab's drive is mounted", stages=3, scores=2, findings=("absolute-path",), more=True),
    Sample("parent_data_folder", "the data lies in ../data", stages=2, scores=1, named=("mae",), file="notebooks/rentals.ipynb"),
    Sample("changes_directory", "os.chdir to a folder of the author's", stages=3, scores=2, findings=("absolute-path",), more=True),
    Sample("fillna_inplace", "runs today, but `fillna(inplace=True)` on a column does nothing any more; the saved scores tell", stages=3, scores=2,
           edited="fillna", first=True, served=108),
    Sample("removed_plot_call", "plot_confusion_matrix was removed from scikit-learn", stages=3, scores=1, edited="plot_confusion_matrix", served=102),
    Sample("numpy_float_alias", "np.float and np.bool were removed from NumPy", stages=3, scores=2, edited="np.float", more=True),
    Sample("seaborn_positional", "seaborn takes x and y by name only, distplot is going", stages=3, scores=1, edited="sns.", more=True),
    Sample("cells_out_of_order", "run out of order, and the saved score is of an earlier state", stages=3, scores=1,
           findings=("out-of-order-execution", "saved-output-differs"), served=102),
    Sample("runs_in_another_order", "from the top it uses what later cells define; the execution counts tell the order", stages=3, scores=1,
           findings=("used-before-definition", "out-of-order-execution"), first=True),
    Sample("importing_cell_deleted", "no cell imports what it uses any more, or a later one does", stages=3, scores=1, named=("accuracy",),
           edited="df = pd.read_csv", served=102),
    Sample("losses_in_a_loop", "a metric in every one of 260 epochs; counts, texts and numbers printed by one line", scores=2, more=True),
    Sample("fails_after_scores", "the last cell fails, after all scores", stages=3, scores=2, findings=("failing-cell",), served=78),
    Sample("fails_midway", "cells on a table that no cell makes fail, and no result needs them", stages=3, scores=1, findings=("failing-cell",),
           left_out=3, more=True),
    Sample("prose_in_code_cell", "a sentence in a code cell, which failed for the author too", scores=1, findings=("broken-cell",), more=True),
    Sample("nbformat_3", "an old file format", stages=3, scores=2, more=True),
    Sample("magics_and_shell", "magics, shell lines and a bash cell", stages=2, scores=1, named=("score",), served=108),
    Sample("asks_for_input", "input() asks for the number of groups; the saved output holds the answer", scores=1, served=220),
    Sample("top_level_await", "await outside of a function", stages=3, scores=1, more=True),
    Sample("grid_search", "cross-validation, a grid search and a test score", stages=2, scores=2, served=60),
    Sample("pipeline_in_one_cell", "everything in one cell", stages=3, scores=2, served=90),
    Sample("model_loop", "five models fitted and scored in a loop", stages=2, scores=2, named=("acc", "f1"), first=True, served=102),
    Sample("scores_by_hand", "scores computed with NumPy only", stages=2, scores=3, named=("rmse", "r2"), more=True),
    Sample("everything_in_main", "only functions, and a call of main()", scores=2, more=True),
    Sample("custom_transformer_saved", "the saved pipeline holds the author's own class, which reads a global", stages=2, scores=1, served=108),
    Sample("lambda_transformer", "the pipeline holds a lambda", scores=1, more=True),
    Sample("text_not_ascii", "text in three languages, names with accents", stages=2, scores=1, first=True, served=77),
    Sample("kmeans", "clustering: no split, no truth", scores=1, first=True, served=220),
    Sample("pca_clusters", "components and clusters, and a plot of them", scores=1, more=True),
    Sample("dummies_log_target", "dummy columns and the logarithm of the target", stages=3, scores=3, served=80),
    Sample("ols_summary", "statsmodels: the model is its summary", scores=1, served=350),
    Sample("holt_forecast", "a forecast: the last year is the test", scores=2, named=("rmse",), served=12),
    Sample("arima_forecast", "refitted in a loop for every month of the test", scores=2, more=True),
    Sample("xgboost_regression", "XGBoost, both of its interfaces", stages=2, scores=2, served=64),
    Sample("lightgbm_classifier", "LightGBM, stopped early on the validation rows", stages=2, scores=2, findings=("tuned-on-test",), served=102),
    Sample("only_predicts", "loads a model and only predicts", scores=1),
    Sample("sklearn_dataset", "the data comes with scikit-learn", stages=2, scores=1, more=True),
    Sample("secret_in_cell", "keys in a cell", stages=2, scores=1, findings=("secrets",), more=True),
    Sample("local_module", "imports a module that lies beside it", stages=2, scores=1, served=74),
    Sample("duplicate_score_names", "three models, one name for all their scores", stages=2, scores=3, more=True),
    Sample("star_import", "star imports hide where names come from", stages=2, scores=1, more=True),
    Sample("spaces_and_unicode", "spaces and accents in file and column names", stages=2, scores=1, file="Prévision vélos (v2) – copie finale.ipynb",
           served=70),
    Sample("global_statement", "a helper rebinds globals", scores=1, more=True),
    Sample("large_frame", "200,000 rows, too many to look at each after every statement", stages=2, scores=2, more=True),
    Sample("catboost_classifier", "CatBoost with categories", stages=2, scores=2, served=108),
    Sample("torch_regression", "a training loop written by hand", stages=2, scores=1, named=("mae",), heavy=True),
    Sample("keras_tabular", "a network with its learning curve", stages=2, scores=2, heavy=True),
    Sample("keras_texts", "a tokenizer, padded sequences, and one number for a message", stages=2, scores=1, named=("acc",), served=100),
    Sample("keras_half_seeded", "seeds that Keras does not draw from", stages=2, scores=2, findings=("unseeded-randomness",), noisy=True, heavy=True),
    Sample("keras_images", "images in folders, global seeds", stages=1, scores=2, served=18),
    Sample("images_by_hand", "a loop over files, each with its label, shuffled", stages=2, scores=2, served=12),
    Sample("keras_generator", "a generator that turns and mirrors for training alone", stages=1, scores=1, heavy=True, served=18),
    Sample("images_in_arrays", "a function that reads all images into one array", stages=1, scores=1, heavy=True, served=10),
    Sample("tf_list_files", "TensorFlow lists the files, and a function makes the label of each path", stages=2, scores=2, heavy=True, served=12),
    Sample("keras_table_of_names", "a table names the images, and two generators take their rows from it", stages=3, scores=2, heavy=True, served=13),
    Sample("torch_workers", "processes of their own read the images that a table names", stages=3, scores=1, named=("accuracy",), heavy=True, served=12),
    Sample("opencv_rows", "labels are told by a place in the path, which under `data/` is another", stages=3, scores=1, more=True, served=11),
    Sample("tf_data_paths", "paths mapped to images by TensorFlow", stages=1, scores=1, heavy=True, served=12),
)

NOT_RUN = (
    Sample("name_before_definition", "a cell uses a function that a later cell defines, and no count tells the order", "not-run", cause=("prepare",),
           cell=3, status=1),
    Sample("fails_before_the_model", "a column that the model is fitted on is changed by a function that no cell defines", "not-run",
           cause=("scale_to_clinic",), cell=2, status=1),
    Sample("missing_data", "its data is nowhere", "not-run", cause=("household_energy_2019.csv",), cell=2, status=1, first=True),
)

REFUSED = (
    Sample("r_kernel", "written in R", "refused", cause=("written in R",), status=1, first=True),
    Sample("python_2", "print without brackets", "refused", cause=("Python 2",), cell=2, status=1),
    Sample("only_exploration", "no model at all", "refused", cause=("model",), status=1),
)

SAMPLES = tuple(sorted(PROVED + NOT_RUN + REFUSED, key=lambda sample: (sample.heavy, not sample.first)))
