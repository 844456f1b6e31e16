"""The drawings of a comment, committed where they stay; what may not be committed first."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest
from tests.reporting.test_forges import CONTRACTS, Fake, emulator, serve  # noqa: F401  # fixtures

from ferrata.pages import drawing
from ferrata.steps.reporting.forges import Forge
from ferrata.steps.reporting.shelf import BRANCH, is_harmless, shelve
from ferrata.world.rest import ask

DRAWN = drawing.intervals([("accuracy", -1.0, 0.5, 2.0, drawing.FIRST)], title="a <b> & c", note="note")
OTHER = drawing.matrices([[3, 1], [0, 4]], [[2, 2], [1, 3]], ("no", "yes"), ("main", "try"), title="confusion")
WEB = {"github": "https://github.com/me/it", "gitlab": "https://git.example/me/it", "forgejo": "https://codeberg.example/me/it"}
SHOWN = {"github": "/blob/{}/churn/7/{}?raw=true", "gitlab": "/-/raw/{}/churn/7/{}", "forgejo": "/raw/commit/{}/churn/7/{}"}


def forge(fake: Fake, **more: Any) -> Forge:
    return Forge(fake.kind, fake.url, "me/it", 7, **{"token": "t0ken", "commit": "abc", "web": WEB[fake.kind], **more})


@pytest.mark.parametrize("svg", [
    DRAWN.replace("</svg>", "<script>alert(1)</script></svg>"), DRAWN.replace("<svg ", '<svg onload="alert(1)" '), "not a drawing", "",
    DRAWN.replace("</svg>", '<image href="https://elsewhere.example/x.png"/></svg>'), DRAWN.replace("<style>", "<style>@import 'https://e.example/x';"),
    DRAWN.replace("<style>", "<style>text { fill: url(https://e.example) }"), '<!DOCTYPE svg [<!ENTITY a "b">]>' + DRAWN, DRAWN + " " * 500_000,
    DRAWN.replace("</svg>", "<foreignObject><p>hi</p></foreignObject></svg>"),
])  # fmt: skip
def test_what_is_not_as_we_draw_is_not_committed(serve: Any, svg: str) -> None:  # noqa: F811
    fake = serve("github")
    assert not is_harmless(svg) and "not as Ferrata draws" in shelve(forge(fake), {"differences": svg}, name="churn").why
    assert fake.shelf.heads == {"main": "main0"}


@pytest.mark.parametrize("kind", CONTRACTS)
def test_drawings_are_committed_beside_those_of_before_and_once(serve: Any, kind: str) -> None:  # noqa: F811
    fake = serve(kind)
    first = shelve(forge(fake), {"differences": DRAWN, "confusion": OTHER}, name="churn")
    assert not first.why and first.commit == fake.shelf.heads[BRANCH] and fake.shelf.heads["main"] == "main0"
    files, parents = fake.shelf.commits[first.commit]
    kept = {path: text for path, text in files.items() if path != "README.md"}
    assert sorted(kept.values()) == sorted([DRAWN, OTHER]) and all("[skip ci]" in each for each in fake.shelf.messages)
    place = next(path for path in kept if path.endswith("differences.svg"))
    assert first.addresses["differences"] == WEB[kind] + SHOWN[kind].format(first.commit, place.removeprefix("churn/7/"))
    assert (parents == []) == (kind == "github"), "GitHub's branch is without the project's history"
    assert shelve(forge(fake), {"differences": DRAWN, "confusion": OTHER}, name="churn") == first, "not committed again"
    second = shelve(forge(fake), {"differences": OTHER}, name="churn")
    assert second.commit != first.commit and set(kept) <= set(fake.shelf.commits[second.commit][0])
    assert fake.shelf.commits[second.commit][1] == [first.commit], "nothing is rewritten: the first commit stays"


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_token_that_may_not_write_is_told(serve: Any, kind: str) -> None:  # noqa: F811
    fake = serve(kind)
    fake.shelf.forbids = True
    found = shelve(forge(fake), {"differences": DRAWN}, name="churn")
    assert not found.commit and f"{kind} answers 403" in found.why and "t0ken" not in found.why


def test_somebody_else_moves_the_branch_meanwhile(serve: Any) -> None:  # noqa: F811
    fake = serve("github")
    shelve(forge(fake), {"differences": DRAWN}, name="churn")
    fake.shelf.races = 2
    found = shelve(forge(fake), {"differences": OTHER}, name="churn")
    assert found.commit == fake.shelf.heads[BRANCH] and {"other0", "other1"} <= set(fake.shelf.commits[found.commit][0])


def test_without_an_address_and_without_drawings_nothing_is_asked(serve: Any) -> None:  # noqa: F811
    fake = serve("github")
    assert "address of the repository" in shelve(forge(fake, web=""), {"differences": DRAWN}, name="churn").why
    assert shelve(forge(fake), {}, name="churn").why == "" and not fake.asked


@pytest.mark.slow
def test_github_s_drawings_are_read_back(emulator: str) -> None:  # noqa: F811
    headers = {"Authorization": "Bearer test_token_admin"}
    owner = ask("GET", f"{emulator}/user", headers=headers).content["login"]
    ask("POST", f"{emulator}/user/repos", headers=headers, body={"name": "drawn", "auto_init": True})
    there = Forge("github", emulator, f"{owner}/drawn", 7, "test_token_admin", "", f"https://github.com/{owner}/drawn")
    first = shelve(there, {"differences": DRAWN}, name="churn")
    second = shelve(there, {"differences": OTHER}, name="churn")
    assert first.commit and second.commit and first.commit != second.commit, first.why + second.why
    for found, drawn in ((first, DRAWN), (second, OTHER)):
        path = found.addresses["differences"].partition(f"/blob/{found.commit}/")[2].removesuffix("?raw=true")
        answer = ask("GET", f"{emulator}/repos/{owner}/drawn/contents/{path}?ref={found.commit}", headers=headers)
        assert b64decode(answer.content["content"]).decode() == drawn
    assert shelve(there, {"differences": OTHER}, name="churn") == second
