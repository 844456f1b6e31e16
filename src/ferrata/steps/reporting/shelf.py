"""The drawings of a comment, committed to a branch of their own: a comment that names them by commit shows them for as long as the branch is there.

GitHub makes the branch without the project's history (Git database: trees, commits, refs). GitLab (commits) and Forgejo (contents, several files at once)
can only begin it at the default branch. The message asks CI to leave it alone.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from ferrata.records.evidence import Shelved
from ferrata.steps.reporting.forges import Forge
from ferrata.world.rest import Answer, ask

BRANCH = Shelved.branch
_TRIED = 3
_MOST, _MOST_BYTES = 12, 400_000
# What pages/drawing.py draws with; nothing of it runs or asks for anything.
_TAGS = frozenset("svg title style text line polyline circle rect".split())


class _Refused(Exception):
    """What the forge answered instead."""


def shelve(forge: Forge, drawings: Mapping[str, str], *, name: str) -> Shelved:
    """Commit the drawings (SVG by name) of the project `name`; `why` says why not, and then the comment does without. Drawings that are there already are
    not committed again.
    """
    if not drawings:
        return Shelved()
    if not forge.web:
        return Shelved(why="nothing says the address of the repository")
    unfit = [each for each, svg in drawings.items() if not is_harmless(svg)]
    if unfit or len(drawings) > _MOST:
        return Shelved(why=f"{unfit[0]} is not as Ferrata draws" if unfit else "there are too many")
    digest = hashlib.sha256("".join(drawings[each] for each in sorted(drawings)).encode()).hexdigest()
    folder = f"{re.sub(r'[^A-Za-z0-9._-]', '-', name)}/{forge.number}/{digest[:16]}"
    files = {f"{folder}/{each}.svg": drawings[each] for each in sorted(drawings)}
    try:
        commit = _committed(forge, files)
    except _Refused as refused:
        return Shelved(why=str(refused))
    return Shelved(commit, {each: forge.file_at(commit, f"{folder}/{each}.svg") for each in drawings})


def is_harmless(svg: str) -> bool:
    """What was kept may have been written by others: nothing in it may run, or be fetched."""
    if len(svg) > _MOST_BYTES or "<!" in svg or "<?" in svg or "@import" in svg or "url(" in svg:
        return False
    try:
        elements = list(ElementTree.fromstring(svg).iter())
    except ElementTree.ParseError:
        return False
    names = {element.tag.rpartition("}")[2] for element in elements}
    attributes = {key.rpartition("}")[2].lower() for element in elements for key in element.attrib}
    return names <= _TAGS and not any(key.startswith("on") or key in ("href", "src") for key in attributes)


def _committed(forge: Forge, files: Mapping[str, str]) -> str:
    """The commit that has them. Somebody else may move the branch meanwhile: then again from where it is."""
    commit = {"github": _of_github, "gitlab": _of_gitlab, "forgejo": _of_forgejo}[forge.kind]
    for attempt in range(1, _TRIED + 1):
        head = _head(forge)
        if head and _has(forge, next(iter(files)), head):
            return head
        try:
            return commit(forge, files, head)
        except _Refused:
            if attempt == _TRIED:
                raise
    raise AssertionError


def _asked(forge: Forge, method: str, path: str, body: Any = None) -> Answer:
    return ask(method, f"{forge.project}{path}", headers=forge.headers, body=body)


def _got(forge: Forge, method: str, path: str, body: Any = None) -> Any:
    answer = _asked(forge, method, path, body)
    if answer.status not in (200, 201) or not isinstance(answer.content, dict):
        message = answer.content.get("message", "") if isinstance(answer.content, dict) else ""
        raise _Refused(f"{forge.kind} answers {answer.status}{f' ({str(message)[:200]})' if message else ''} to the wish to write to the branch {BRANCH}")
    return answer.content


def _head(forge: Forge) -> str:
    """"" where the branch is not there yet."""
    path = {"github": f"/git/ref/heads/{BRANCH}", "gitlab": f"/repository/branches/{BRANCH}", "forgejo": f"/branches/{BRANCH}"}[forge.kind]
    if _asked(forge, "GET", path).status == 404:
        return ""
    found = _got(forge, "GET", path)
    return str(found["object"]["sha"] if forge.kind == "github" else found["commit"]["id"])


def _has(forge: Forge, path: str, commit: str) -> bool:
    place = f"/repository/files/{quote(path, safe='')}" if forge.kind == "gitlab" else f"/contents/{quote(path)}"
    return _asked(forge, "GET", f"{place}?ref={commit}").status == 200


def _message(forge: Forge) -> str:
    return f"Drawings of the report on {forge.number} [skip ci]"


def _of_github(forge: Forge, files: Mapping[str, str], head: str) -> str:
    base = {"base_tree": _got(forge, "GET", f"/git/commits/{head}")["tree"]["sha"]} if head else {}
    blobs = [{"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in files.items()]
    tree = _got(forge, "POST", "/git/trees", {**base, "tree": blobs})["sha"]
    commit = str(_got(forge, "POST", "/git/commits", {"message": _message(forge), "tree": tree, "parents": [head] if head else []})["sha"])
    if head:
        _got(forge, "PATCH", f"/git/refs/heads/{BRANCH}", {"sha": commit, "force": False})
    else:
        _got(forge, "POST", "/git/refs", {"ref": f"refs/heads/{BRANCH}", "sha": commit})
    return commit


def _of_gitlab(forge: Forge, files: Mapping[str, str], head: str) -> str:
    start = {} if head else {"start_branch": _got(forge, "GET", "")["default_branch"]}
    actions = [{"action": "create", "file_path": path, "content": text, "encoding": "text"} for path, text in files.items()]
    body = {"branch": BRANCH, **start, "commit_message": _message(forge), "actions": actions}
    return str(_got(forge, "POST", "/repository/commits", body)["id"])


def _of_forgejo(forge: Forge, files: Mapping[str, str], head: str) -> str:
    changes = [{"operation": "create", "path": path, "content": b64encode(text.encode()).decode()} for path, text in files.items()]
    place = {"branch": BRANCH} if head else {"new_branch": BRANCH}
    return str(_got(forge, "POST", "/contents", {**place, "message": _message(forge), "files": changes})["commit"]["sha"])
