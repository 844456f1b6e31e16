"""The comparison as the comment of a pull request, end to end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.comparing.conftest import Place
from tests.reporting.test_forges import Fake, serve  # noqa: F401  # a fixture

from ferrata.errors import UsageError
from ferrata.flow.reporting import report
from ferrata.pages.terminal import to_text
from ferrata.records.evidence import CompareRequest
from ferrata.world.reporter import RecordingReporter

CI = {"GITHUB_REPOSITORY": "me/it", "GITHUB_TOKEN": "t0ken", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_SERVER_URL": "https://forge.example"}
OTHERS = ("GITLAB_CI", "CI_API_V4_URL", "FORGEJO_ACTIONS", "GITEA_ACTIONS", "GITHUB_EVENT_PATH")


@pytest.fixture
def fake(serve: Any, monkeypatch: pytest.MonkeyPatch) -> Fake:  # noqa: F811
    """GitHub, as the environment of a job there says."""
    fake: Fake = serve("github")
    for name, value in {**CI, "GITHUB_API_URL": fake.url}.items():
        monkeypatch.setenv(name, value)
    for name in OTHERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("ferrata.steps.reporting.forges.Forge.status", lambda self, **more: (f"{fake.url}/repos/me/it/statuses/abc", {
        "state": "success" if more["passes"] else "failure", "context": "ferrata", "description": more["words"]}))  # fmt: skip
    return fake


def test_the_comment_says_what_the_page_says_and_is_changed_by_the_next_run(place: Place, fake: Fake) -> None:
    place.run(bias="3.0")
    page = report(CompareRequest(), RecordingReporter(), is_posted=True, folder=place.project)
    assert page.status == 0 and page.data["posted"]["is_new"] and not page.data["passes"]
    assert "It may not go in: the main score is worse beyond noise." in fake.comments[1] and "p3@example.org" not in fake.comments[1]
    assert fake.statuses[-1]["state"] == "failure"
    place.run(random_state="2")
    assert not report(CompareRequest(), RecordingReporter(), is_posted=True, folder=place.project).data["posted"]["is_new"]
    assert len(fake.comments) == 1 and "It may go in" in fake.comments[1] and fake.statuses[-1]["state"] == "success"


def test_the_drawings_of_the_comment_are_committed_and_named_by_commit(place: Place, fake: Fake) -> None:
    """From the page that an earlier command kept, as the job does that posts; and as it was made."""
    place.run(bias="3.0")
    report(CompareRequest(), RecordingReporter(), folder=place.project)
    kept = report(CompareRequest(), RecordingReporter(), is_posted=True, is_kept=True, folder=place.project)
    commit = fake.shelf.heads["ferrata-reports"]
    shown = re.findall(r"!\[[^\]]+\]\((\S+)\)", fake.comments[1])
    assert kept.data["posted"]["drawings"]["commit"] == commit and len(shown) == 3
    for address in shown:
        path = address.removeprefix(f"https://forge.example/me/it/blob/{commit}/").removesuffix("?raw=true")
        assert fake.shelf.commits[commit][0][path] == (place.project / "evidence" / "compare" / path.rpartition("/")[2]).read_text()
    report(CompareRequest(), RecordingReporter(), is_posted=True, folder=place.project)
    assert re.findall(r"!\[[^\]]+\]\((\S+)\)", fake.comments[1]) == shown, "the same drawings are not committed twice"


@pytest.mark.more
def test_where_the_job_may_not_write_the_drawings_are_in_characters(place: Place, fake: Fake) -> None:
    fake.shelf.forbids = True
    place.run(bias="3.0")
    report(CompareRequest(), RecordingReporter(), folder=place.project)
    for is_kept in (True, False):
        page = report(CompareRequest(), RecordingReporter(), is_posted=True, is_kept=is_kept, folder=place.project)
        assert "![" not in fake.comments[1] and re.search(r"accuracy +-*o-* *\|", fake.comments[1])
        assert "Its drawings are in characters: github answers 403" in to_text(page)


def test_who_cannot_post_is_told_before_anything_is_compared(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITLAB_CI", "CI_API_V4_URL", "FORGEJO_ACTIONS", "GITEA_ACTIONS", "GITHUB_REPOSITORY", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="which forge"):
        report(CompareRequest(), RecordingReporter(), is_posted=True, folder=place.project)
    assert not (place.project / "evidence").exists()
