"""Addresses in the code: where the file itself is, and how the code reads the local copy instead."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import parse_qs, unquote, urlsplit

from ferrata.source.paths import PathUse

_SUFFIX_OF = {
    "read_csv": ".csv", "read_table": ".txt", "read_excel": ".xlsx", "read_json": ".json", "read_parquet": ".parquet", "read_pickle": ".pkl",
    "read_feather": ".feather", "read_html": ".html", "imread": ".png", "loadtxt": ".txt", "genfromtxt": ".csv",
}
FOLDER = "data"


def direct_address(url: str) -> str:
    """The address that gives the file: pages of GitHub, GitLab, Google Drive, Dropbox and Kaggle show it in a frame."""
    parts = urlsplit(url)
    if parts.netloc in ("github.com", "www.github.com"):
        match = re.match(r"^/([^/]+)/([^/]+)/(?:blob|raw)/(.+)$", parts.path)
        return f"https://raw.githubusercontent.com/{match.group(1)}/{match.group(2)}/{match.group(3)}" if match else url
    if parts.netloc == "gitlab.com":
        return url.replace("/-/blob/", "/-/raw/")
    if parts.netloc == "drive.google.com":
        found = re.search(r"/file/d/([\w\-]+)", parts.path)
        name = found.group(1) if found else (parse_qs(parts.query).get("id") or [""])[0]
        return f"https://drive.google.com/uc?export=download&id={name}" if name else url
    if parts.netloc == "docs.google.com" and "/spreadsheets/" in parts.path:
        return re.sub(r"/edit.*$", "/export?format=csv", url)
    if parts.netloc.endswith("dropbox.com"):
        return re.sub(r"([?&])dl=0", r"\1dl=1", url)
    return url


def local_name(url: str, function: str, taken: Collection[str]) -> str:
    """A name for the local copy that says what it is and is not in use."""
    last = function.rsplit(".", 1)[-1]
    name = re.sub(r"[^\w.\-]+", "_", unquote(urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1])).strip("_")
    if not re.search(r"\.[A-Za-z][\w\-]{0,9}$", name):
        # An address without a file name: name it after its query (Google Drive's id) or host.
        stem = (parse_qs(urlsplit(url).query).get("id") or [name or urlsplit(url).netloc])[0]
        name = re.sub(r"[^\w\-]+", "_", stem)[:40].strip("_") + _SUFFIX_OF.get(last, "")
    stem, dot, suffix = name.partition(".")
    count, path = 2, f"{FOLDER}/{name}"
    while path in taken:
        path, count = f"{FOLDER}/{stem}_{count}{dot}{suffix}", count + 1
    return path


def replaced_call(use: PathUse, source: str, path: str) -> str:
    """What stands for a downloader's call once the file is there: `urlretrieve` gives `(name, headers)`, `get_file` and `wget.download` a name.

    "" where the call gives something that no local file can stand for.
    """
    last = use.function.rsplit(".", 1)[-1]
    call = source[use.call_start : use.call_end]
    if last == "urlretrieve":
        return f'("{path}", None)'
    if last == "urlopen":
        return f'open("{path}", "rb")'
    if last == "download" or last == "get_file" and not re.search(r"\b(extract|untar)\s*=\s*True", call):
        return f'"{path}"'
    return ""


def saved_path(source: str, use: PathUse) -> str:
    """The file name that a downloader's call was told to save under, "" when it was told none."""
    call = source[use.call_start : use.call_end]
    last = use.function.rsplit(".", 1)[-1]
    if last not in ("urlretrieve", "download"):
        return ""
    match = re.search(r"(?:,\s*(?:filename\s*=|out\s*=|output\s*=)?\s*)[rf]?['\"]([^'\"{}]+)['\"]", call[use.end - use.call_start :])
    return match.group(1) if match and not match.group(1).startswith(("http", "/")) and ":" not in match.group(1) else ""
