"""One comment on three forges: requests as their documentation has them, against a server that refuses any other, and GitHub's against an emulator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.reporting.shelves import Shelf

from ferrata.errors import OutsideError, UsageError
from ferrata.steps.reporting.forges import Forge
from ferrata.steps.reporting.found import find_forge
from ferrata.steps.reporting.posting import post
from ferrata.world.loopback import free_port
from ferrata.world.rest import ask

# What each forge's documentation says: headers that carry the token, addresses, methods, names in bodies, and how a page is asked for.
CONTRACTS = {
    "github": {"header": ("Authorization", "Bearer t0ken"), "list": "/repos/me/it/issues/7/comments",
               "change": "/repos/me/it/issues/comments/{}", "method": "PATCH",
               "size": "per_page", "status": "/repos/me/it/statuses/abc", "states": ("success", "failure"), "name": "context"},
    "forgejo": {"header": ("Authorization", "token t0ken"), "list": "/repos/me/it/issues/7/comments",
               "change": "/repos/me/it/issues/comments/{}", "method": "PATCH",
                "size": "limit", "status": "/repos/me/it/statuses/abc", "states": ("success", "failure"), "name": "context"},
    "gitlab": {"header": ("PRIVATE-TOKEN", "t0ken"), "list": "/projects/me%2Fit/merge_requests/7/notes",
               "change": "/projects/me%2Fit/merge_requests/7/notes/{}", "method": "PUT",
               "size": "per_page", "status": "/projects/me%2Fit/statuses/abc", "states": ("success", "failed"), "name": "name"},
}  # fmt: skip


@dataclass
class Fake:
    """Keeps comments and statuses; anything that its contract does not name gets 400, another token 401."""

    kind: str
    comments: dict[int, str] = field(default_factory=dict)
    foreign: set[int] = field(default_factory=set)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    fails: int = 0
    shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.kind)

    def answer(self, method: str, target: str, headers: Any, body: Any) -> tuple[int, Any]:
        contract: Any = CONTRACTS[self.kind]
        path, _, query = target.partition("?")
        path = path.replace("/projects/5/", "/projects/me%2Fit/") if path != "/projects/5" else "/projects/me%2Fit"  # by number or by path
        self.asked.append(f"{method} {path}")
        if headers.get(contract["header"][0]) != contract["header"][1]:
            return 401, {"message": "Bad credentials"}
        if self.fails:
            return self.fails, {"message": "no"}
        if method == "GET" and path == contract["list"]:
            given = dict(urllib.parse.parse_qsl(query))
            size, page = int(given[contract["size"]]), int(given["page"])
            chosen = sorted(self.comments.items())[(page - 1) * size : page * size] if self.kind != "forgejo" else sorted(self.comments.items())
            return 200, [{"id": number, "body": text} for number, text in chosen]
        if method == "POST" and path == contract["list"] and set(body) == {"body"}:
            self.comments[len(self.comments) + 1] = body["body"]
            return 201, {"id": len(self.comments), "html_url": f"https://forge.example/{len(self.comments)}"}
        for number in self.comments:
            if method == contract["method"] and path == contract["change"].format(number) and set(body) == {"body"}:
                if number in self.foreign:
                    return 403, {"message": "not yours"}
                self.comments[number] = body["body"]
                return 200, {"id": number}
        if method == "POST" and path == contract["status"] and set(body) == {"state", contract["name"], "description"}:
            self.statuses.append(body)
            return 201, {}
        found = self.shelf.answer(method, path.removeprefix(contract["list"].rpartition("/7/")[0].rpartition("/")[0]), query, body)
        return found or (400, {"message": f"{method} {path} is not in the contract"})


@pytest.fixture
def serve() -> Iterator[Any]:
    servers = []

    def serve(kind: str) -> Fake:
        fake = Fake(kind)

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                status, content = fake.answer(self.command, self.path, self.headers, body)
                text = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = handle_any

            def log_message(self, *arguments: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        fake.url = f"http://127.0.0.1:{server.server_port}"
        return fake

    yield serve
    for server in servers:
        server.shutdown()


def forge(fake: Fake, **more: Any) -> Forge:
    return Forge(fake.kind, fake.url, "me/it", 7, **{"token": "t0ken", "commit": "abc", **more})


def posted(fake: Fake, text: str, *, passes: bool = True, **more: Any) -> Any:
    return post(forge(fake, **more), text, name="churn", passes=passes, words="churn: worse")


@pytest.mark.parametrize("kind", CONTRACTS)
def test_one_comment_is_kept_up_to_date_among_many(serve: Any, kind: str) -> None:
    fake = serve(kind)
    fake.comments = {number: f"somebody said {number}" for number in range(1, 131)}
    first = posted(fake, "# one")
    assert first.is_new and not first.no_status and len(fake.comments) == 131
    second = posted(fake, "# two", passes=False)
    assert not second.is_new and len(fake.comments) == 131 and fake.comments[131].endswith("# two") and fake.comments[1] == "somebody said 1"
    assert [each["state"] for each in fake.statuses] == list(CONTRACTS[kind]["states"])


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_comment_of_somebody_else_with_our_mark_is_left_alone(serve: Any, kind: str) -> None:
    fake = serve(kind)
    posted(fake, "# ours")
    fake.comments[2] = "<!-- ferrata report: churn -->\nnot ours"
    fake.foreign = {2}
    assert not posted(fake, "# again").is_new
    assert fake.comments[1].endswith("# again") and fake.comments[2].endswith("not ours")


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_token_that_may_not_is_told_without_being_shown(serve: Any, kind: str) -> None:
    fake = serve(kind)
    with pytest.raises(OutsideError, match="401") as caught:
        posted(fake, "# one", token="wr0ng")
    assert "wr0ng" not in str(caught.value) + caught.value.todo + repr(forge(fake, token="wr0ng"))


def test_another_project_of_the_repository_has_a_comment_of_its_own(serve: Any) -> None:
    fake = serve("github")
    posted(fake, "# one")
    assert post(forge(fake), "# two", name="houses", passes=True, words="").is_new and len(fake.comments) == 2


def test_a_long_page_is_cut_and_says_so(serve: Any) -> None:
    fake = serve("github")
    posted(fake, "x" * 100_000)
    assert len(fake.comments[1]) < 65_536 and "The rest was cut off" in fake.comments[1]


def test_a_token_goes_to_no_other_place() -> None:
    with pytest.raises(OutsideError, match="https alone"):
        ask("GET", "http://forge.example/api", headers={"Authorization": "Bearer t0ken"})


GITHUB = {"GITHUB_REPOSITORY": "me/it", "GITHUB_TOKEN": "t", "GITHUB_REF": "refs/pull/12/merge"}
GITLAB = {
    "GITLAB_CI": "true", "CI_API_V4_URL": "https://git.example/api/v4", "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "3", "GITLAB_TOKEN": "t",
    "CI_COMMIT_SHA": "abc",
}  # fmt: skip
FORGEJO = {**GITHUB, "GITHUB_API_URL": "https://codeberg.example/api/v1/", "GITHUB_TOKEN": "t"}


def test_where_it_runs_is_found_in_the_environment(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 12, "head": {"sha": "def"}}}))
    assert find_forge({**GITHUB, "GITHUB_EVENT_PATH": str(event)}, commit="merge") == Forge(
        "github", "https://api.github.com", "me/it", 12, "t", "def", "https://github.com/me/it")  # fmt: skip
    assert find_forge({**GITHUB, "GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_PATH": str(event)}).number == 12
    assert find_forge(GITLAB) == Forge("gitlab", "https://git.example/api/v4", "5", 3, "t", "abc")
    assert find_forge({**GITLAB, "CI_PROJECT_URL": "https://git.example/me/it"}).web == "https://git.example/me/it"
    assert find_forge({**FORGEJO, "GITHUB_SERVER_URL": "https://codeberg.example"}, number=4).web == "https://codeberg.example/me/it"
    assert find_forge(FORGEJO, number=4, commit="abc") == Forge("forgejo", "https://codeberg.example/api/v1", "me/it", 4, "t", "abc")


@pytest.mark.parametrize(("environ", "message"), [
    ({}, "which forge"), ({"GITHUB_REPOSITORY": "me/it"}, "no token"), ({**GITHUB, "GITHUB_REF": "refs/heads/main"}, "which pull request"),
    ({**GITLAB, "CI_MERGE_REQUEST_IID": ""}, "which pull request"),
])  # fmt: skip
def test_what_is_lacking_is_told(environ: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find_forge(environ)


# It would listen on every interface.
LOOPBACK = """
const net = require("net"), listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  const options = typeof first === "object" ? {...first, host: "127.0.0.1"} : {port: first, host: "127.0.0.1"}
  return listen.call(this, options, rest.find(each => typeof each === "function"))
}
"""


@pytest.fixture(scope="session")
def emulator(request: pytest.FixtureRequest) -> Iterator[str]:
    """An emulator of GitHub's API, which knows nothing of us."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder = Path(request.config.cache.mkdir("emulate"))
    program = folder / "node_modules" / ".bin" / "emulate"
    if not program.exists():
        subprocess.run([npm, "install", "--silent", "--prefix", str(folder), "emulate@0.11.0"], check=True, capture_output=True)
    port, preload = free_port(), folder / "loopback.js"
    preload.write_text(LOOPBACK)
    words = [program, "--service", "github", "--port", str(port)]
    environment = {**os.environ, "NODE_OPTIONS": f"--require {preload}"}
    process = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{url}/rate_limit", timeout=1)
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.slow
def test_github_s_comment_is_read_back(emulator: str) -> None:
    headers = {"Authorization": "Bearer test_token_admin"}

    def made(method: str, path: str, body: Any = None) -> Any:
        answer = ask(method, f"{emulator}{path}", headers=headers, body=body)
        assert answer.status in (200, 201), answer
        return answer.content

    owner = made("GET", "/user")["login"]
    made("POST", "/user/repos", {"name": "it", "auto_init": True})
    number = made("POST", f"/repos/{owner}/it/issues", {"title": "a change"})["number"]
    there = Forge("github", emulator, f"{owner}/it", number, "test_token_admin")
    assert post(there, "# one", name="churn", passes=True, words="pass").is_new
    assert not post(there, "# two", name="churn", passes=True, words="pass").is_new
    comments = made("GET", f"/repos/{owner}/it/issues/{number}/comments")
    assert [comment["body"] for comment in comments] == ["<!-- ferrata report: churn -->\n# two"]
