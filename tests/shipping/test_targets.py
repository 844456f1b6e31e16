"""The targets of a project, and what the pages say: first what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.shipping.fakes import ENGINE, TARGET, machine, release

from ferrata.errors import ProjectError, UsageError
from ferrata.pages.shipping import plan_page, status_page
from ferrata.records.shipping import Shipped, State
from ferrata.steps.shipping import machine as steps
from ferrata.steps.shipping.targets import chosen, slug, targets


@pytest.mark.parametrize(
    ("name", "table", "says"),
    [("local", {"host": "a"}, "no setting host for a target of kind local"), ("prod", {"kind": "moon"}, "kind 'moon' is not known"),
     ("prod", {"host": "a", "port": "80"}, "port is '80', and no int"), ("prod", {"host": "a", "keep": True}, "keep is True, and no int"),
     ("prod", {}, "not said which host"), ("prod", {"host": "a; rm -rf /"}, "not said which host"), ("-x", {"host": "a"}, "is no target"),
     ("prod", "a", "is no target"), ("prod", {"host": "a", "folder": "/"}, "no folder of its own"),
     ("prod", {"host": "a", "settings": {"keys": "/none", "rows": 5}}, "keys cannot be set"),
     ("prod", {"host": "a", "folder": "/srv"}, "no folder of its own"), ("prod", {"host": "a", "folder": "/srv/../etc"}, "no folder of its own"),
     ("prod", {"host": "a", "folder": "srv/churn"}, "no folder of its own"),
     ("edge", {"kind": "kubernetes", "gateway": "infra/public"}, "and there is no domain"),
     ("edge", {"kind": "kubernetes", "gateway": "public", "domain": "a.example.org"}, "The gateway is 'public'"),
     ("edge", {"kind": "kubernetes", "kserve": True, "domain": "a.example.org"}, "domain cannot be set together with kserve"),
     ("edge", {"kind": "kubernetes", "kserve": "yes"}, "and no bool")],
)  # fmt: skip
def test_a_wrong_target_is_named(tmp_path: Path, name: str, table: Any, says: str) -> None:
    with pytest.raises(ProjectError, match=says):
        targets(tmp_path, {name: table}, "churn")


def test_an_unknown_target_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no target prod") as refused:
        chosen(targets(tmp_path, {"stage": {"host": "deploy@a.example.org"}}, "churn"), "prod")
    assert "It has local, stage." in refused.value.todo


def test_there_is_always_one_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    found = targets(tmp_path / "a", {"stage": {"host": "deploy@a.example.org", "settings": {"rate": 5}}}, "My Churn")
    other = targets(tmp_path / "b", {}, "My Churn")
    assert found["local"].folder.startswith(str(tmp_path / "state" / "ferrata" / "my-churn-")) and found["local"].folder != other["local"].folder
    assert (found["stage"].folder, found["stage"].settings) == ("/srv/my-churn-stage", {"SERVICE_RATE": "5"})


@pytest.mark.parametrize(("name", "short"), [("Notiz, schön", "notiz-sch-n"), ("---", "model"), ("a" * 60, "a" * 40)])
def test_names_are_those_that_containers_take(name: str, short: str) -> None:
    assert slug(name) == short


def test_a_plan_shows_every_command_and_no_secret() -> None:
    new = steps.placed(State(), release("a"), port=9001, keys={}, now="")
    rollout = steps.rollout(machine(), State(), new, keys={"me": "hash-of-a-key"}, rows="a,secret,row")
    page = plan_page(Shipped(TARGET, "planned", Path(), new, None, "", acts=(*rollout.start, *rollout.switch)), TARGET)
    text = str(page.blocks)
    assert "podman run --detach" in text and "Replay the proof rows" in text and "hash-of-a-key" not in text and "secret,row" not in text
    assert [act["act"] for act in page.data["acts"]][:3] == ["save", "write", "write"] and page.data["outcome"] == "planned"


def test_status_is_a_no_where_something_should_serve_and_does_not() -> None:
    state = State((steps.placed(State(), release("a"), port=9001, keys={}, now="then"),), 1, engine=ENGINE.program)
    assert status_page(Path("/churn"), [(TARGET, state, "http://127.0.0.1:8080", True, "")]).status == 0
    page = status_page(Path("/churn"), [(TARGET, state, "http://127.0.0.1:8080", False, ""), (TARGET, State(), "", False, "")])
    assert page.status == 1 and page.data["targets"][0]["answers"] is False and "1 of 2 targets serve" in page.title
