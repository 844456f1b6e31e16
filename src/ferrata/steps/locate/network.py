"""Library calls that fetch data themselves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ferrata.records.located import NetworkLoad
from ferrata.records.notebook import Statement
from ferrata.source.statements import parse
from ferrata.source.texts import dotted

_LOADS = re.compile(
    r"^(sns|seaborn)\.(load_dataset|get_dataset_names)$|(^|\.)fetch_(?!all|one|many|add)\w+$|^(nltk)\.download$|^tfds\.load$|^(datasets\.)?load_dataset$|^hub\.(load|KerasLayer)$"
    r"|^openml\.|^(yf|yfinance)\.(download|Ticker)$|^(web|pdr|data)\.(DataReader|get_data_yahoo)$|(^|\.)from_pretrained$|^(api|downloader)\.load$|^torch\.hub\.load$"
    r"|^(torchvision\.)?(datasets|torchvision)\.\w+$|^kagglehub\.|^spacy\.cli\.download$|^requests\.(get|post)$|^wikipedia\.|^quandl\.get$|^(sm|statsmodels\.api)\.datasets\.get_rdataset$|^data\.(get_rdataset)$"
)
_KERAS_DATA = re.compile(r"(^|\.)(mnist|fashion_mnist|cifar10|cifar100|imdb|reuters|boston_housing|california_housing)\.load_data$")


def network_loads(statement: Statement, library_of: dict[str, str]) -> Iterator[NetworkLoad]:
    """`library_of` maps a name to the module it was imported from."""
    for node in ast.walk(parse(statement.source)):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if _fetches(node, name, library_of):
                yield NetworkLoad(statement.index, statement.cell, statement.line + node.lineno - 1, name)


def _fetches(call: ast.Call, name: str, library_of: dict[str, str]) -> bool:
    if _KERAS_DATA.search(name):
        return True
    if not _LOADS.search(name):
        return False
    library = library_of.get(name.split(".")[0], "")
    if name.split(".")[0] in ("datasets", "torchvision") and "fetch_" not in name and not name.endswith("load_dataset"):
        asked = any(word.arg == "download" and isinstance(word.value, ast.Constant) and word.value.value is True for word in call.keywords)
        return library.startswith("torchvision") and asked
    if name == "load_dataset":
        return library.startswith(("seaborn", "datasets"))
    if name.startswith("data."):
        return library.startswith("pandas_datareader")
    if name.endswith("from_pretrained"):
        return bool(call.args) and isinstance(call.args[0], ast.Constant) and not str(call.args[0].value).startswith((".", "/"))
    return "fetch_" not in name or library.startswith("sklearn") or name.startswith(("sklearn.", "datasets."))


def imported_libraries(source: str) -> dict[str, str]:
    """Names that a statement imports, with the module each comes from."""
    found: dict[str, str] = {}
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
    return found
