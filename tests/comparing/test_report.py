"""The comparison as the comment of a pull request, end to end."""

from __future__ import annotations

from typing import Any

import pytest
from tests.comparing.conftest import Place
from tests.reporting.test_forges import Fake, serve  # noqa: F401  # a fixture

from ferrata.errors import UsageError
from ferrata.flow.reporting import report
from ferrata.records.evidence import CompareRequest
from ferrata.world.reporter import RecordingReporter


def test_the_comment_says_what_the_page_says_and_is_changed_by_the_next_run(
    place: Place, serve: Any, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    fake: Fake = serve("github")
    for name, value in {"GITHUB_REPOSITORY": "me/it", "GITHUB_TOKEN": "t0ken", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_API_URL": fake.url}.items():
        monkeypatch.setenv(name, value)
    for name in ("GITLAB_CI", "CI_API_V4_URL", "FORGEJO_ACTIONS", "GITEA_ACTIONS", "GITHUB_EVENT_PATH"):
        monkeypatch.delenv(name, raising=False)
    place.run(bias="3.0")
    monkeypatch.setattr("ferrata.steps.reporting.forges.Forge.status", lambda self, **more: (f"{fake.url}/repos/me/it/statuses/abc", {
        "state": "success" if more["passes"] else "failure", "context": "ferrata", "description": more["words"]}))  # fmt: skip
    page = report(CompareRequest(), RecordingReporter(), is_posted=True, folder=place.project)
    assert page.status == 0 and page.data["posted"]["is_new"] and not page.data["passes"]
    assert "It may not go in: the main score is worse beyond noise." in fake.comments[1] and "p3@example.org" not in fake.comments[1]
    assert fake.statuses[-1]["state"] == "failure"
    place.run(random_state="2")
    assert not report(CompareRequest(), RecordingReporter(), is_posted=True, folder=place.project).data["posted"]["is_new"]
    assert len(fake.comments) == 1 and "It may go in" in fake.comments[1] and fake.statuses[-1]["state"] == "success"


def test_who_cannot_post_is_told_before_anything_is_compared(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITLAB_CI", "CI_API_V4_URL", "FORGEJO_ACTIONS", "GITEA_ACTIONS", "GITHUB_REPOSITORY", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="which forge"):
        report(CompareRequest(), RecordingReporter(), is_posted=True, folder=place.project)
    assert not (place.project / "evidence").exists()
