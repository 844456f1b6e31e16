"""Which calls read, write or fetch a path, and in which argument. A call that is not known says nothing."""

from __future__ import annotations

import ast
import re

_FILE_READERS = frozenset(
    "read_csv read_table read_excel read_json read_parquet read_feather read_pickle read_hdf read_sas "
    "read_stata read_spss read_xml read_fwf read_orc read_html ExcelFile HDFStore loadtxt genfromtxt fromfile "
    "load loadmat imread imread_collection load_img load_model load_weights ZipFile load_workbook "
    "load_svmlight_file TextLineDataset CsvDataset make_csv_dataset read_file VideoCapture CascadeClassifier "
    "load_word2vec_format DMatrix scan_csv read_ipc import_file load_learner from_json TFRecordDataset "
    "decode_image load_audio readShapeFile read_text read_bytes wavread open_dataset read_lines "
    "load_data_from_csv TextLoader".split()
)
_FOLDER_READERS = frozenset(
    "listdir scandir walk image_dataset_from_directory flow_from_directory text_dataset_from_directory "
    "audio_dataset_from_directory ImageFolder DatasetFolder load_files iterdir ImageDataBunch from_folder "
    "from_directory".split()
)
_GLOBS = frozenset(("glob", "iglob", "rglob", "list_files"))
_WRITERS = frozenset(
    "savefig save dump imwrite savez savez_compressed savetxt save_weights save_model makedirs mkdir "
    "plot_model ModelCheckpoint CSVLogger TensorBoard SummaryWriter write_html write_image write_json "
    "write_text write_bytes remove unlink rmtree rmdir FileHandler ExcelWriter imsave save_img tofile "
    "write_csv write_parquet VideoWriter export_graphviz export_text set_tracking_uri create_file_writer touch "
    "write_png write_pdf write_svg save_pretrained".split()
)
_WRITE_WORDS = frozenset(
    "out_file to_file log_dir save_path output output_path output_dir save_dir output_file logdir model_dir "
    "checkpoint_dir export_dir".split()
)
_WRITER_POSITION = {"dump": 1, "plot_model": 1, "export_graphviz": 1, "imwrite": 0, "render": 0}
_FETCHERS = frozenset(("urlretrieve", "urlopen", "Request"))
_SHORT_FETCHERS = frozenset(("get", "post", "head", "download"))
_CLIENTS = frozenset(("requests", "wget", "gdown", "session", "httpx"))
_OTHER_LOADERS = ("sns.", "seaborn.", "tfds.", "api.", "hub.", "yaml.", "json.", "nlp.", "spacy.")
_CONVERTERS = frozenset(("to_datetime", "to_numeric", "to_categorical", "to_numpy", "to_timedelta"))
_CHECKS = frozenset("exists isfile isdir is_file is_dir islink getsize stat".split())
_NO_PATHS = frozenset(
    "print title suptitle xlabel ylabel zlabel set_title set_xlabel set_ylabel text annotate legend display "
    "Markdown HTML Latex info warning error debug critical exception log input startswith endswith split "
    "rsplit replace strip lstrip rstrip find index count compile match search sub findall fullmatch contains "
    "strptime strftime to_datetime date_range rename drop groupby sort_values fillna isin get_dummies query "
    "eval map agg aggregate pivot_table merge format set_index astype select_dtypes getattr setattr hasattr "
    "SystemExit Exception ValueError RuntimeError KeyError write writerow execute label set plot scatter hist "
    "bar lineplot barplot TextArea update_layout encode decode style use".split()
)


def open_mode(call: ast.Call, position: int) -> str:
    """`read` or `write`, from the mode of an `open` call."""
    mode = next((word.value for word in call.keywords if word.arg == "mode"), call.args[position] if len(call.args) > position else None)
    text = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "r"
    return "write" if any(letter in text for letter in "wax") else "read"


def access_of(name: str, call: ast.Call, position: int, keyword: str) -> tuple[str, str]:
    """What a call does with its argument: access and kind; access `none` where it cannot be a path."""
    last = name.rsplit(".", 1)[-1]
    if keyword in _WRITE_WORDS:
        return "write", "any"
    if last == "chdir":
        return "chdir", "folder"
    if last == "open" or last == "File" and "h5py" in name:
        return (open_mode(call, 1), "file") if position == 0 or keyword in ("file", "name", "fp") else ("none", "any")
    if last in _NO_PATHS and not (last == "load" or name.startswith(("os.", "shutil."))):
        return "none", "any"
    if last in _WRITERS or last.startswith("to_") and last not in _CONVERTERS:
        wanted = 1 if name in ("torch.save", "saved_model.save", "tf.saved_model.save") else _WRITER_POSITION.get(last, 0)
        return ("write", "any") if position == wanted or keyword and _is_path_word(keyword) else ("unknown", "any")
    return _reading(name, last, position, keyword)


def _reading(name: str, last: str, position: int, keyword: str) -> tuple[str, str]:
    is_first = position == 0 or _is_path_word(keyword)
    if last == "get_file":
        return ("fetch", "url") if position == 1 or keyword == "origin" else ("none", "any")
    if last in _FETCHERS or last in _SHORT_FETCHERS and name.split(".")[0] in _CLIENTS:
        return ("fetch", "url") if position == 0 or keyword == "url" else ("write", "file")
    if last in _FOLDER_READERS:
        return ("read", "folder") if is_first else ("unknown", "any")
    if last in _GLOBS:
        return ("read", "glob") if is_first else ("none", "any")
    if last in _FILE_READERS:
        is_other = name.startswith(_OTHER_LOADERS) or name in ("load", "pickle.load")
        return ("read", "file") if is_first and not is_other else ("unknown", "any")
    if last in _CHECKS:
        return "check", "any"
    if last in ("copy", "copyfile", "copy2", "move", "copytree", "rename") and name.startswith(("shutil.", "os.")):
        return ("read", "any") if position == 0 else ("write", "any")
    return "unknown", "any"


def _is_path_word(keyword: str) -> bool:
    return bool(re.search(r"path|file|dir|folder|fname|root|buf|url|image|^io$", keyword))
