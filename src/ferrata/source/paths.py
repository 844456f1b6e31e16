"""Where a statement names files, folders and addresses, and what it does with them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from ferrata.source.path_calls import access_of, open_mode
from ferrata.source.statements import parse
from ferrata.source.texts import Text, Texts, dotted, joined, place

_EXTENSIONS = (
    "csv tsv txt dat data json jsonl xls xlsx xlsm xlsb ods parquet feather pkl pickle p joblib sav npy npz h5 "
    "hdf5 hdf keras pt pth onnx pb tflite jpg jpeg png gif bmp tif tiff webp zip gz bz2 xz tar tgz 7z rar db "
    "sqlite sqlite3 sql sas7bdat sav dta por xml html htm yaml yml md arff mat wav mp3 flac ogg mp4 avi mov "
    "shp geojson gpkg names model bin ckpt weights vec pdf docx log rds rdata orc avro nc svm libsvm train "
    "test all-data arrow ttf otf"
).split()
_FILE = re.compile(r"^[^\n\r<>|\"]{1,300}\.(" + "|".join(sorted(set(map(re.escape, _EXTENSIONS)), key=len, reverse=True)) + r")$", re.IGNORECASE)
_URL = re.compile(r"^(https?|ftps?|s3|gs|hdfs)://", re.IGNORECASE)
_WINDOWS = re.compile(r"^[A-Za-z]:[\\/]|^\\\\\w|^[A-Za-z]:[^\\/\s]+\.\w{2,4}$")
_ABSOLUTE = re.compile(r"^/(?:[\w.\-~ ()]+/)+[\w.\-~ ()*\0]*$|^/(content|kaggle|home|Users|mnt|data|datasets|tmp|root)\b[^\n]*$")
_MIME = re.compile(r"^(text|image|application|audio|video|font)/[\w.+\-]*$")
_CONTROLS = {"\t": r"\t", "\n": r"\n", "\r": r"\r", "\a": r"\a", "\b": r"\b", "\f": r"\f", "\v": r"\v"}


@dataclass(frozen=True)
class PathUse:
    """One place where a statement uses a path or an address.

    `access`: `read`, `write`, `chdir`, `fetch` (an address given to a downloader), `check` (`exists` and the like), `assign` (only given a name), `unknown`.
    `kind`: `file`, `folder`, `glob`, `url`, `any`; `style`: `relative`, `absolute`, `windows`, `kaggle`, `colab`, `home`, `url`.
    `function` is the call it is an argument of; `start`/`end` are the characters of the whole expression, `call_start`/`call_end` of the call,
    `line` is 1-based in the source.
    """

    owner: int
    text: Text
    access: str
    kind: str
    style: str
    function: str
    line: int
    start: int
    end: int
    call_start: int = -1
    call_end: int = -1

    @property
    def value(self) -> str:
        """The path as written; "\\0" stands for what only the run knows."""
        return joined(self.text)


def path_style(value: str) -> str:
    """Where a path claims to be."""
    normal = value.replace("\\", "/")
    if _URL.match(value) or value.startswith("file://"):
        return "url"
    if _WINDOWS.match(value):
        return "windows"
    if re.match(r"^(/kaggle/|(\.\./)+input(/|$)|\.?/?kaggle/input/)", normal):
        return "kaggle"
    if re.match(r"^/?content(/|$)", normal) or "/drive/MyDrive" in normal or normal.startswith(("drive/MyDrive", "drive/My Drive", "gdrive/")):
        return "colab"
    if normal.startswith("~"):
        return "home"
    return "absolute" if normal.startswith("/") else "relative"


def looks_like_path(value: str) -> bool:
    """Whether a text is a path or an address by its looks alone: no dates, MIME types, formats, regular expressions, sentences."""
    plain = value.strip()
    if not plain or len(plain) > 400 or "\n" in plain and not _WINDOWS.match(plain) or plain != value:
        return False
    if _URL.match(plain):
        return " " not in plain
    if _WINDOWS.match(plain):
        return True
    if re.search(r"[<>|\"{}^$+?]|%[a-zA-Z]|\\[dwsbDWS(\[]|[,;:!]\s", plain) or _MIME.match(plain):
        return False
    if _FILE.match(plain) and re.search(r"[^\W_][^/\\]*\.\w[\w\-]*$", plain):
        return plain.count(" ") <= 6
    return bool(_ABSOLUTE.match(plain) or re.match(r"^(\.{1,2}|~)[\\/]", plain) or path_style(plain) in ("kaggle", "colab"))


def windows_escapes(value: str) -> str:
    """A Windows path written without `r`: `"D:\\train.csv"` holds a tab where its author meant `\\t`."""
    return "".join(_CONTROLS.get(character, character) for character in value) if _WINDOWS.match(value) else value


def path_uses(source: str, owner: int, known: dict[str, Text]) -> tuple[list[PathUse], dict[str, Text]]:
    """The path uses of one statement, and what is known of text variables after it. Raises SyntaxError."""
    finder = _Finder(source, owner, dict(known))
    for node in parse(source).body:
        finder.visit(node)
    return finder.uses, finder.texts.known


_PATH_METHODS = {
    "read_text": "read", "read_bytes": "read", "iterdir": "read", "glob": "read", "rglob": "read", "write_text": "write", "write_bytes": "write",
    "mkdir": "write", "unlink": "write", "touch": "write", "exists": "check", "is_file": "check", "is_dir": "check",
}


class _Finder(ast.NodeVisitor):
    def __init__(self, source: str, owner: int, known: dict[str, Text]) -> None:
        self.texts = Texts(source, owner, known)
        self.uses: list[PathUse] = []

    def _use(self, node: ast.expr, access: str, kind: str = "any", function: str = "", call: ast.Call | None = None) -> bool:
        """Record the expression if it is a text that can be a path. False: look inside it."""
        text = self.texts.text(node)
        if text is None or not any(piece.is_literal for piece in text):
            return False
        value = joined(text)
        if access in ("assign", "unknown") and not _may_be_path(value, isinstance(node, ast.Constant)):
            return isinstance(node, (ast.Constant, ast.Name))
        if not value.strip("\0 ") or "\n" in value and not _WINDOWS.match(value):
            return True
        style = path_style(value)
        kind = "url" if style == "url" else kind if kind != "any" else _kind(value)
        span = self.texts.span(call) if call is not None else (-1, -1)
        self.uses.append(PathUse(self.texts.owner, text, access, kind, style, function, node.lineno, *self.texts.span(node), *span))
        return True

    def visit_Call(self, node: ast.Call) -> None:
        name = dotted(node.func)
        last = name.rsplit(".", 1)[-1]
        if isinstance(node.func, ast.Attribute) and not self._receiver(node, node.func):
            self.visit(node.func.value)
        if self.texts.text(node) is not None and last != "open":
            if self._use(node, "unknown", function=name):
                return
        for position, argument in enumerate(node.args):
            self._argument(argument, node, name, position, "")
        for keyword in node.keywords:
            self._argument(keyword.value, node, name, -1, keyword.arg or "")

    def _receiver(self, node: ast.Call, method: ast.Attribute) -> bool:
        """`Path(...).read_text()` and the like: the path is what the method is called on."""
        access = open_mode(node, 0) if method.attr == "open" else _PATH_METHODS.get(method.attr)
        if access is None or isinstance(method.value, ast.Constant):
            return False
        kind = "folder" if method.attr in ("iterdir", "glob", "rglob", "mkdir", "is_dir") else "file"
        return self._use(method.value, access, kind, method.attr, node)

    def _argument(self, argument: ast.expr, call: ast.Call, name: str, position: int, keyword: str) -> None:
        if isinstance(argument, ast.Starred):
            argument = argument.value
        access, kind = access_of(name, call, position, keyword)
        if access == "none":
            if not isinstance(argument, (ast.Constant, ast.JoinedStr)):
                self.visit(argument)
        elif isinstance(argument, (ast.List, ast.Tuple)) and access in ("read", "unknown"):
            for element in argument.elts:
                if not self._use(element, access, kind, name, call):
                    self.visit(element)
        elif not self._use(argument, access, kind, name, call):
            self.visit(argument)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._value(node.value, node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._value(node.value, [node.target])

    def _value(self, value: ast.expr, targets: list[ast.expr]) -> None:
        if not self._use(value, "assign"):
            self.visit(value)
        text = self.texts.text(value)
        for target in targets:
            self._bind(target, value, text)

    def _bind(self, target: ast.expr, value: ast.expr, text: Text | None) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            is_matched = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts)
            for index, part in enumerate(target.elts):
                single = value.elts[index] if is_matched and isinstance(value, (ast.Tuple, ast.List)) else None
                self._bind(part, single or value, self.texts.text(single) if single is not None else None)
            return
        name = place(target)
        for key in [key for key in self.texts.known if key == name or key.startswith((f"{name}.", f"{name}["))]:
            del self.texts.known[key]
        if name and text is not None:
            self.texts.known[name] = text
        if name and isinstance(value, ast.Dict):
            for key_node, item in zip(value.keys, value.values, strict=True):
                item_text = self.texts.text(item)
                if isinstance(key_node, ast.Constant) and item_text is not None:
                    self.texts.known[f"{name}[{key_node.value!r}]"] = item_text

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outside = dict(self.texts.known)
        for statement in node.body:
            self.visit(statement)
        inside, self.texts.known = self.texts.known, outside
        for name, text in inside.items():
            if "." not in name and "[" not in name and outside.get(name) != text:
                self.texts.known[f"{node.name}.{name}"] = text

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None and not self._use(default, "unknown", function=node.name):
                self.visit(default)
        outside = dict(self.texts.known)
        for argument in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
            self.texts.known.pop(argument.arg, None)
        for statement in node.body:
            self.visit(statement)
        self.texts.known = outside

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        for name in ast.walk(node.target):
            if isinstance(name, ast.Name):
                self.texts.known.pop(name.id, None)
        for statement in [*node.body, *node.orelse]:
            self.visit(statement)

    def visit_Compare(self, node: ast.Compare) -> None:
        for part in (node.left, *node.comparators):
            if not isinstance(part, (ast.Constant, ast.JoinedStr)):
                self.visit(part)

    def visit_Dict(self, node: ast.Dict) -> None:
        for value in node.values:
            self.visit(value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        if not isinstance(node.slice, (ast.Constant, ast.List, ast.Tuple)):
            self.visit(node.slice)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, (ast.Constant, ast.JoinedStr)):
            self.visit(node.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not self._use(node, "unknown"):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._use(node, "unknown")

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._use(node, "unknown")


def _may_be_path(value: str, is_whole: bool) -> bool:
    if "\0" not in value:
        return looks_like_path(value)
    start = value.split("\0", 1)[0]
    return bool(_WINDOWS.match(start) or _URL.match(start) or re.match(r"^(/[\w.\- ]+/|\.{1,2}/|~/)", start) or (is_whole and looks_like_path(start)))


def _kind(value: str) -> str:
    last = value.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    if "*" in last:
        return "glob"
    if value.endswith(("/", "\\")):
        return "folder"
    return "file" if re.search(r"\.\w{1,10}$|\.all-data$", last) else "any" if "\0" in last else "folder"
