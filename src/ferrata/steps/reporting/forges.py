"""The APIs of GitHub, GitLab and Forgejo (which is Gitea's), as far as a comment, its drawings and a commit status need them.

GitHub: REST API 2022-11-28, issue comments, Git database and commit statuses. GitLab: REST API v4, notes of merge requests, commits and commit statuses.
Forgejo and Gitea: API v1, issue comments, contents and commit statuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

PAGE = 50


@dataclass(frozen=True)
class Forge:
    """`kind`: `github`, `gitlab` or `forgejo`. `api` is the address of the API without a slash at its end, `repository` its path or number there,
    `number` that of the pull request, `commit` the one that a status is for ("" for none), `web` the address of the repository for people ("" where nothing
    says it).
    """

    kind: str
    api: str
    repository: str
    number: int
    token: str
    commit: str = ""
    web: str = ""

    def __repr__(self) -> str:
        return f"Forge({self.kind}, {self.api}, {self.repository}, {self.number})"

    @property
    def headers(self) -> dict[str, str]:
        if self.kind == "gitlab":
            return {"PRIVATE-TOKEN": self.token}
        if self.kind == "github":
            return {"Authorization": f"Bearer {self.token}", "X-GitHub-Api-Version": "2022-11-28", "Accept": "application/vnd.github+json"}
        return {"Authorization": f"token {self.token}"}

    @property
    def project(self) -> str:
        return f"{self.api}/projects/{quote(self.repository, safe='')}" if self.kind == "gitlab" else f"{self.api}/repos/{self.repository}"

    @property
    def comments(self) -> str:
        place = f"merge_requests/{self.number}/notes" if self.kind == "gitlab" else f"issues/{self.number}/comments"
        return f"{self.project}/{place}"

    def page_of_comments(self, page: int) -> str:
        """Forgejo gives every comment of an issue at once, whatever it is asked."""
        size = "limit" if self.kind == "forgejo" else "per_page"
        return f"{self.comments}?{size}={PAGE}&page={page}"

    def comment(self, identity: int) -> tuple[str, str]:
        """(method, address) that change one."""
        if self.kind == "gitlab":
            return "PUT", f"{self.comments}/{identity}"
        return "PATCH", f"{self.project}/issues/comments/{identity}"

    def status(self, *, passes: bool, words: str) -> tuple[str, dict[str, Any]]:
        """(address, body) of the commit's status."""
        if self.kind == "gitlab":
            return f"{self.project}/statuses/{self.commit}", {"state": "success" if passes else "failed", "name": "ferrata", "description": words}
        return f"{self.project}/statuses/{self.commit}", {"state": "success" if passes else "failure", "context": "ferrata", "description": words}

    def file_at(self, commit: str, path: str) -> str:
        """The address that shows a file of a commit, also in a private repository to who may see that: a comment's image is asked for with the reader's
        own session there.
        """
        if self.kind == "gitlab":
            return f"{self.web}/-/raw/{commit}/{path}"
        return f"{self.web}/blob/{commit}/{path}?raw=true" if self.kind == "github" else f"{self.web}/raw/commit/{commit}/{path}"
