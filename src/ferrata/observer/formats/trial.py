"""Try formats on a value: save it, load it, compare."""

import os
import shutil
import tempfile

from .equality import difference


def test(name, value, folder, same=None, formats=None):
    """Find the plainest format that gives `value` back, and leave the file as `folder`/`name` + suffix.

    `same(value, loaded)` is asked besides the comparison of `equality.py`. Returns `format` ("" when there is none), `suffix`, `path`, `bytes`,
    `runs_code`, `trusted` (types to be allowed when it is read) and `tried`: one of `format`, `ok`, `why` for each that accepts the type.
    """
    from . import FORMATS

    tried = []
    for format in formats or FORMATS:
        try:
            if not format.accepts(value):
                continue
        except Exception:
            continue
        path = os.path.join(str(folder), name + format.suffix)
        why, trusted = _try(format, value, path, same)
        tried.append({"format": format.name, "ok": not why, "why": why})
        if not why:
            return _found(format, path, trusted, tried)
    return {"format": "", "suffix": "", "path": "", "bytes": 0, "runs_code": False, "trusted": [], "tried": tried}


def _found(format, path, trusted, tried):
    return {
        "format": format.name,
        "suffix": format.suffix,
        "path": path,
        "bytes": os.path.getsize(path),
        "runs_code": format.runs_code,
        "trusted": trusted,
        "tried": tried,
    }


def _try(format, value, path, same):
    """Why the format won't do ("" when it will), and the types it must trust."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    draft = tempfile.mkdtemp(dir=os.path.dirname(path))
    file = os.path.join(draft, os.path.basename(path))
    try:
        format.save(value, file)
        trusted = _untrusted(format, file)
        loaded = _load(format, file, trusted)
        why = difference(value, loaded) or ("" if same is None or same(value, loaded) else "its fingerprint differs")
        if not why:
            os.replace(file, path)
        return why, trusted
    except Exception as error:
        return "{}: {}".format(type(error).__name__, str(error).strip().split("\n")[0][:300]), []
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _untrusted(format, file):
    return format.untrusted(file) if hasattr(format, "TRUSTED") else []


def _load(format, file, trusted):
    if not hasattr(format, "TRUSTED"):
        return format.load(file)
    before = format.TRUSTED[:]
    format.TRUSTED[:] = trusted
    try:
        return format.load(file)
    finally:
        format.TRUSTED[:] = before
