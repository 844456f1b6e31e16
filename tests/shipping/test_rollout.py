"""The order of a rollout on a machine that is not there: first what must never happen, whatever fails and whenever it is killed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.shipping.fakes import ENGINE, TARGET, FakeMachine, Killed, machine, numbers, release

from ferrata.errors import OutsideError, ProjectError, ReleaseRefused
from ferrata.flow import rollout as story
from ferrata.flow.rollout import Rolling
from ferrata.records.shipping import Release, Run, Save, State
from ferrata.steps.shipping import machine as steps
from ferrata.steps.shipping.states import from_text, to_text
from ferrata.world.reporter import RecordingReporter


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    fake = FakeMachine()
    monkeypatch.setattr(story, "is_ready", fake.is_ready)
    monkeypatch.setattr(story, "replay_briefly", fake.replay)
    monkeypatch.setattr(story.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(story, "_LOOK", 0.0)
    return fake


def state(here: FakeMachine) -> State:
    return from_text(here.read("/t/state.json"), "")


def ship(here: FakeMachine, new: Release, keep: int = 3) -> tuple[str, ...]:
    """As the flow does it: what was left is undone, then the rollout."""
    target = replace(TARGET, keep=keep)
    rolling = Rolling(target, here, ENGINE, [None] * 3, "image", "key", here.version, RecordingReporter())  # type: ignore[list-item]
    acts, before = steps.recovered(machine(target), state(here))
    rolling.perform(acts)
    placed = steps.placed(before, new, port=here.free_port(), keys={"a": "1"}, now="now")
    return rolling.roll(steps.rollout(machine(target), before, placed, keys={"a": "1"}, rows="{}\n"))


def test_what_goes_over_in_one_go_saves_the_state_first_or_not_at_all() -> None:
    """A killed command may leave behind a script that goes on a little: it must not be what decides, later, what serves."""
    before = State((steps.placed(State(), release("a"), port=1, keys={}, now=""),), 1)
    rollout = steps.rollout(machine(), before, steps.placed(before, release("b"), port=2, keys={}, now=""), keys={}, rows="")
    for acts in (rollout.start, rollout.switch, rollout.finish, rollout.give_up, rollout.switch_back):
        groups = list(story.groups(acts))
        assert [act for group in groups for act in group] == list(acts)
        assert not any(isinstance(act, Save) for group in groups for act in group[1:])
    assert len(list(story.groups(rollout.start))) == 3, "all up to the start of the container, then it must be ready, then proved"


@pytest.mark.parametrize(
    ("fault", "says"),
    [("crashes", "ended as it was starting"), ("model", "answers with the model model-x"), ("predictions", "2 of its 3 answers"),
     ("unseen", "Callers do not reach it")],
)  # fmt: skip
def test_a_broken_release_leaves_the_old_one_serving(here: FakeMachine, fault: str, says: str) -> None:
    ship(here, release("a"))
    here.faults["image-b"] = fault
    before = state(here)
    with pytest.raises(ReleaseRefused, match=says) as refused:
        ship(here, release("b"))
    assert (here.answering(), state(here)) == ("image-a", before) and list(here.containers) == ["churn-1"]
    assert "it wrote this" in refused.value.todo


def test_an_image_that_is_not_there_changes_nothing(here: FakeMachine) -> None:
    ship(here, release("a"))
    here.images.discard("image-b")
    with pytest.raises(OutsideError):
        ship(here, release("b"))
    assert here.answering() == "image-a" and state(here).pending is None


def test_a_first_release_that_is_broken_leaves_nothing(here: FakeMachine) -> None:
    here.faults["image-a"] = "crashes"
    with pytest.raises(ReleaseRefused):
        ship(here, release("a"))
    assert here.containers == {} and state(here) == State(engine="")


def test_killed_at_any_operation_something_serves_and_the_next_ship_goes_on(monkeypatch: pytest.MonkeyPatch, here: FakeMachine) -> None:
    killed = 0
    for moment in range(200):
        fake = FakeMachine()
        monkeypatch.setattr(story, "is_ready", fake.is_ready)
        monkeypatch.setattr(story, "replay_briefly", fake.replay)
        ship(fake, release("a"))
        fake.kill_at = fake.operations + moment
        fake.after_each = lambda fake=fake: _answers(fake)  # type: ignore[misc]
        try:
            ship(fake, release("b"))
        except Killed:
            killed += 1
            assert fake.answering(), f"nothing serves after a kill at operation {moment}"
            fake.is_dead, fake.kill_at = False, -1
            ship(fake, release("b"))
            assert fake.answering() == "image-b"
            assert [name for name, each in fake.containers.items() if each.is_running] == [state(fake).serving.container]  # type: ignore[union-attr]
        else:
            break
    assert killed > 8


def _answers(fake: FakeMachine) -> None:
    assert fake.answering(), "nothing serves"


def test_the_last_releases_are_kept_and_the_others_go(here: FakeMachine) -> None:
    for letter in "abcde":
        assert ship(here, release(letter)) == ()
    assert here.answering() == "image-e" and [each.release.id[0] for each in state(here).placed] == ["c", "d", "e"]
    assert list(here.containers) == ["churn-5"] and not {"image-a", "image-b"} & here.images and "image-c" in here.images
    assert sorted(path for path in here.files if "rows" in path) == [f"/t/rows-{each.release.id}.jsonl" for each in state(here).placed]


def test_at_least_the_one_before_is_kept(here: FakeMachine) -> None:
    for letter in "ab":
        ship(here, release(letter), keep=1)
    assert [each.release.id[0] for each in state(here).placed] == ["a", "b"]


def test_going_back_is_a_rollout_of_a_release_that_is_kept(here: FakeMachine) -> None:
    for letter in "aba":
        ship(here, release(letter))
    assert here.answering() == "image-a" and numbers(state(here).placed) == [2, 3]
    assert state(here).serving.replaced == release("b").id  # type: ignore[union-attr]


def test_what_fails_after_the_switch_is_told_and_not_undone(here: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    ship(here, release("a"))

    def broken(rest: list[str]) -> tuple[int, str]:
        raise OutsideError("the engine is gone")

    monkeypatch.setattr(here, "_stop", broken)
    notes = ship(here, release("b"))
    assert here.answering() == "image-b" and notes == ("the engine is gone. The new release serves all the same.",)


def test_no_key_is_in_a_command(here: FakeMachine) -> None:
    placed = steps.placed(State(), release("a"), port=9001, keys={}, now="")
    made = steps.rollout(machine(), State(), placed, keys={"me": "hash-of-a-key"}, rows="secret row")
    commands = [" ".join(act.command.arguments) for act in (*made.start, *made.switch, *made.finish, *made.give_up) if isinstance(act, Run)]
    assert not [each for each in commands if "hash-of-a-key" in each or "secret row" in each]


def test_a_state_is_read_as_it_was_written_and_a_strange_one_refused() -> None:
    full = State((steps.placed(State(), release("a"), port=1, keys={}, now="then"),), 1, None, "podman")
    assert from_text(to_text(full), "") == full and from_text("", "") == State()
    for text in ("{", "[]", '{"schema_version": 2}', '{"schema_version": 1}'):
        with pytest.raises(ProjectError, match="cannot be read"):
            from_text(text, "/t/state.json")
