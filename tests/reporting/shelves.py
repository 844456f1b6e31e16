"""A repository as the three APIs write to it: what their documentation names, and nothing else."""

from __future__ import annotations

import hashlib
import json
import urllib.parse
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any

Files = dict[str, str]


def identity(*parts: Any) -> str:
    return hashlib.sha1(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass
class Shelf:
    """`commits` by their name: (files, parents); `heads` of branches. `forbids` answers every wish to write with 403."""

    kind: str
    commits: dict[str, tuple[Files, list[str]]] = field(default_factory=lambda: {"main0": ({"README.md": "a project"}, [])})
    heads: dict[str, str] = field(default_factory=lambda: {"main": "main0"})
    trees: dict[str, Files] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    forbids: bool = False
    races: int = 0

    def answer(self, method: str, path: str, query: str, body: Any) -> tuple[int, Any] | None:
        """None for what is no part of the contract."""
        if method != "GET" and self.forbids:
            return 403, {"message": "Resource not accessible by integration"}
        return {"github": self._github, "gitlab": self._gitlab, "forgejo": self._forgejo}[self.kind](method, path, dict(urllib.parse.parse_qsl(query)), body)

    def _commit(self, branch: str, files: Files, parents: list[str], message: str) -> str:
        name = identity(files, parents, message)
        self.commits[name] = (files, parents)
        self.messages.append(message)
        if branch:
            self.heads[branch] = name
        return name

    def _there(self, commit: str, path: str) -> tuple[int, Any]:
        return (200, {}) if urllib.parse.unquote(path) in self.commits[commit][0] else (404, {"message": "Not Found"})

    def _github(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any] | None:
        if method == "GET" and path.startswith("/git/ref/heads/"):
            head = self.heads.get(path.removeprefix("/git/ref/heads/"))
            return (200, {"object": {"sha": head, "type": "commit"}}) if head else (404, {"message": "Not Found"})
        if method == "GET" and path.startswith("/contents/"):
            return self._there(query["ref"], path.removeprefix("/contents/"))
        if method == "GET" and path.startswith("/git/commits/"):
            files = self.commits[path.removeprefix("/git/commits/")][0]
            self.trees[identity(files)] = files
            return 200, {"tree": {"sha": identity(files)}}
        if (method, path) == ("POST", "/git/trees") and set(body) <= {"base_tree", "tree"}:
            assert all(set(each) == {"path", "mode", "type", "content"} and each["mode"] == "100644" and each["type"] == "blob" for each in body["tree"])
            files = {**(self.trees[body["base_tree"]] if "base_tree" in body else {}), **{each["path"]: each["content"] for each in body["tree"]}}
            self.trees[identity(files)] = files
            return 201, {"sha": identity(files)}
        if (method, path) == ("POST", "/git/commits") and set(body) == {"message", "tree", "parents"}:
            return 201, {"sha": self._commit("", self.trees[body["tree"]], body["parents"], body["message"])}
        if (method, path) == ("POST", "/git/refs") and set(body) == {"ref", "sha"}:
            self.heads[body["ref"].removeprefix("refs/heads/")] = body["sha"]
            return 201, {}
        if method == "PATCH" and path.startswith("/git/refs/heads/") and set(body) == {"sha", "force"}:
            return self._moved(path.removeprefix("/git/refs/heads/"), body)
        return None

    def _moved(self, branch: str, body: Any) -> tuple[int, Any]:
        if self.races:
            self.races -= 1
            self._commit(branch, {**self.commits[self.heads[branch]][0], f"other{self.races}": ""}, [self.heads[branch]], "somebody else")
        if self.heads[branch] not in self.commits[body["sha"]][1]:
            return 422, {"message": "Update is not a fast forward"}
        self.heads[branch] = body["sha"]
        return 200, {}

    def _gitlab(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any] | None:
        if (method, path) == ("GET", ""):
            return 200, {"id": 5, "default_branch": "main"}
        if method == "GET" and path.startswith("/repository/branches/"):
            head = self.heads.get(path.removeprefix("/repository/branches/"))
            return (200, {"commit": {"id": head}}) if head else (404, {"message": "404 Branch Not Found"})
        if method == "GET" and path.startswith("/repository/files/"):
            name = path.removeprefix("/repository/files/")
            assert "/" not in name, "the path is one part of the address"
            return self._there(query["ref"], name)
        if (method, path) == ("POST", "/repository/commits") and set(body) - {"start_branch"} == {"branch", "commit_message", "actions"}:
            if (body["branch"] in self.heads) == ("start_branch" in body):
                return 400, {"message": "A branch called that already exists, or does not"}
            assert all(set(each) == {"action", "file_path", "content", "encoding"} and each["action"] == "create" for each in body["actions"])
            start = self.heads[body.get("start_branch", body["branch"])]
            files = {**self.commits[start][0], **{each["file_path"]: each["content"] for each in body["actions"]}}
            return 201, {"id": self._commit(body["branch"], files, [start], body["commit_message"])}
        return None

    def _forgejo(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any] | None:
        if method == "GET" and path.startswith("/branches/"):
            head = self.heads.get(path.removeprefix("/branches/"))
            return (200, {"commit": {"id": head}}) if head else (404, {"message": "branch does not exist"})
        if method == "GET" and path.startswith("/contents/"):
            return self._there(query["ref"], path.removeprefix("/contents/"))
        if (method, path) == ("POST", "/contents") and set(body) in ({"branch", "message", "files"}, {"new_branch", "message", "files"}):
            if ("branch" in body) != (body.get("branch") in self.heads) or body.get("new_branch") in self.heads:
                return 422, {"message": "branch already exists, or does not"}
            assert all(set(each) == {"operation", "path", "content"} and each["operation"] == "create" for each in body["files"])
            start = self.heads[body.get("branch", "main")]
            files = {**self.commits[start][0], **{each["path"]: b64decode(each["content"]).decode() for each in body["files"]}}
            return 201, {"commit": {"sha": self._commit(body.get("branch") or body["new_branch"], files, [start], body["message"])}}
        return None
