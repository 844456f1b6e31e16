"""`data/churn.csv.dvc`: one tracked file or folder, as `dvc add` writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.store.drafts import write_text
from ferrata.store.hashing import Digest
from ferrata.store.yaml12 import dump_as_dvc, load


@dataclass(frozen=True)
class Tracked:
    """`path` lies beside the `.dvc` file; `nfiles` is None for a file."""

    path: Path
    md5: str
    size: int
    nfiles: int | None = None


def dvcfile_path(data: Path) -> Path:
    return data.with_name(data.name + ".dvc")


def dvcfile_text(data: Path, digest: Digest, *, description: str = "") -> str:
    about = {"desc": description} if description else {}
    return dump_as_dvc({**about, "outs": [{**digest.fields(), "hash": "md5", "path": data.name}]})


def write_dvcfile(data: Path, digest: Digest, *, description: str = "") -> Path:
    """Write the `.dvc` file beside `data` and return its path."""
    path = dvcfile_path(data)
    write_text(path, dvcfile_text(data, digest, description=description))
    return path


def updated_text(text: str, digest: Digest) -> str:
    """The text of a `.dvc` file of one output with another content; what else it says stays, comments too where the same fields are left."""
    content = load(text)
    (out,) = content["outs"]
    fields = digest.fields()
    if {"md5", "size", "nfiles", "isexec"}.intersection(out) == fields.keys():
        for name, value in fields.items():
            text = re.sub(rf"(?m)^([ -] *{name}: ).*$", rf"\g<1>{str(value).lower()}", text, count=1)
        return text
    kept = {name: value for name, value in out.items() if name not in ("md5", "size", "nfiles", "isexec")}
    content["outs"] = [{**fields, "hash": "md5", **kept}]
    return dump_as_dvc(content)


def read_dvcfile(path: Path) -> Tracked:
    """ProjectError when the file is no `.dvc` file of one output."""
    try:
        (out,) = load(path.read_text(encoding="utf-8"))["outs"]
        return Tracked(path.parent / out["path"], out["md5"], out["size"], out.get("nfiles"))
    except (KeyError, TypeError, ValueError) as error:
        raise ProjectError(
            "This .dvc file does not describe one tracked file", where=str(path), todo="Restore it from Git."
        ) from error
