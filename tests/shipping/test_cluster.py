"""A rollout to a cluster, against a small API server: first what is refused, then what is kept, and what a kill leaves."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.shipping.api_server import World, running
from tests.shipping.fakes import release

from ferrata.errors import OutsideError, ReleaseRefused, UsageError
from ferrata.flow import cluster as flow
from ferrata.flow import cluster_shipping
from ferrata.flow.cluster import ClusterRollout
from ferrata.records.service import ProofRow
from ferrata.records.shipping import Target
from ferrata.steps.shipping import cluster as steps
from ferrata.steps.shipping.cluster import Cluster
from ferrata.steps.shipping.machine import placed
from ferrata.world.reporter import RecordingReporter

TARGET = Target("prod", "kubernetes", "/t", namespace="churn", model="churn")
OF_KSERVE = Target("ml", "kubernetes", "/t", namespace="churn", model="churn", kserve=True)
ROWS = [ProofRow({"x": number}, {"prediction": number}) for number in range(5)]


class Killed(BaseException):
    pass


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(steps, "_PAUSE", 0.01)
    return World()


@pytest.fixture
def port(world: World) -> Iterator[int]:
    with running(world) as found:
        yield found


def rollout(port: int, target: Target = TARGET) -> ClusterRollout:
    return ClusterRollout(target, Cluster(port, "churn"), RecordingReporter(), ROWS, "image")


def ship(port: int, letter: str, target: Target = TARGET) -> ClusterRollout:
    story = rollout(port, target)
    state = story.recovered(story.state())
    story.roll(state, placed(state, release(letter), port=8000, keys={"me": "hash"}, now="now"), {"me": "hash"})
    return story


@pytest.mark.parametrize(("fault", "says"), [("pull", "ImagePullBackOff"), ("stuck", "it took too long"), ("predictions", "5 of the 5"), ("model", "other")])
def test_a_broken_release_never_gets_to_an_inference_service(world: World, port: int, fault: str, says: str) -> None:
    ship(port, "a", OF_KSERVE)
    before = rollout(port, OF_KSERVE).state()
    world.faults["image-b"] = fault
    with pytest.raises(ReleaseRefused, match=says):
        ship(port, "b", OF_KSERVE)
    assert (world.serving("churn-predictor"), rollout(port, OF_KSERVE).state()) == ("image-a", before)


@pytest.mark.parametrize(("fault", "says"), [("crash", "CrashLoopBackOff"), ("predictions", "answers of churn-predictor")])
def test_what_goes_wrong_only_under_kserve_is_taken_back(world: World, port: int, monkeypatch: pytest.MonkeyPatch, fault: str, says: str) -> None:
    ship(port, "a", OF_KSERVE)
    plain = World.apply

    def worse(self: World, plural: str, name: str, made: dict[str, Any]) -> dict[str, Any]:
        if plural == "inferenceservices" and "image-b" in str(made):
            self.faults["image-b"] = fault
        return plain(self, plural, name, made)

    monkeypatch.setattr(World, "apply", worse)
    with pytest.raises(ReleaseRefused, match=says):
        ship(port, "b", OF_KSERVE)
    assert world.serving("churn-predictor") == "image-a" and "image-a" in str(world.objects["inferenceservices", "churn"])


def test_an_inference_service_that_kserve_does_not_take_up_is_refused(world: World, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the Deployment of before is whole, and of the same release with other keys."""
    monkeypatch.setattr(flow, "_TAKEN_SECONDS", 0.05)
    ship(port, "a", OF_KSERVE)
    for letter in "ba":
        world.is_kserve_idle = True
        with pytest.raises(ReleaseRefused, match="it is on its way"):
            ship(port, letter, OF_KSERVE)
        world.is_kserve_idle = False
        assert world.serving("churn-predictor") == "image-a"
    assert world.serving("churn-predictor") == "image-a" and ship(port, "b", OF_KSERVE).is_ready()


def test_a_release_as_an_inference_service_and_what_is_left_of_it(world: World, port: int) -> None:
    story = ship(port, "a", OF_KSERVE)
    assert story.proof is not None and story.is_ready() and story.address() == "http://churn.example.com"
    kinds = {plural for plural, _ in world.objects}
    assert kinds == {"serviceaccounts", "networkpolicies", "poddisruptionbudgets", "inferenceservices", "deployments", "services", "secrets", "configmaps"}
    ship(port, "b", OF_KSERVE)
    story = ship(port, "a", OF_KSERVE)
    assert world.serving("churn-predictor") == "image-a"
    story.remove(story.state())
    assert world.objects == {}


@pytest.mark.parametrize(("first", "then"), [(TARGET, OF_KSERVE), (OF_KSERVE, TARGET)])
def test_one_kind_does_not_take_over_from_the_other(world: World, port: int, first: Target, then: Target) -> None:
    story = ship(port, "a", first)
    before = dict(world.objects)
    with pytest.raises(UsageError, match="the setting kserve says otherwise"):
        ship(port, "b", then)
    assert world.objects == before and story.is_ready()


def test_what_is_missing_in_the_cluster_is_told_before_the_image_is_made(world: World, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ferrata.image]\nrepository = "registry.example.org/team/churn"\n')
    ship(port, "a", TARGET)
    before = dict(world.objects)
    monkeypatch.setattr(cluster_shipping, "keys_of", lambda project: {"me": "hash"})
    monkeypatch.setattr(cluster_shipping, "reached", lambda target: contextlib.nullcontext(Cluster(port, target.namespace)))
    with pytest.raises(UsageError, match="the setting kserve"):
        cluster_shipping.ship(tmp_path, OF_KSERVE, "", RecordingReporter())
    world.has_kserve = False
    with pytest.raises(OutsideError, match="no KServe"):
        cluster_shipping.ship(tmp_path, OF_KSERVE, "", RecordingReporter())
    assert world.objects == before and len(list(tmp_path.iterdir())) == 1


def test_a_cluster_without_kserve_is_told_before_anything_is_done(world: World, port: int) -> None:
    world.has_kserve = False
    with pytest.raises(OutsideError, match="no KServe"):
        ship(port, "a", OF_KSERVE)
    assert world.objects == {}


@pytest.mark.parametrize(
    ("fault", "says"),
    [("pull", "ImagePullBackOff: it says why"), ("crash", "CrashLoopBackOff"), ("stuck", "it took too long"), ("predictions", "5 of the 5 answers"),
     ("model", "answers with the model other")],
)  # fmt: skip
def test_a_broken_release_never_meets_a_caller(world: World, port: int, fault: str, says: str) -> None:
    ship(port, "a")
    before = rollout(port).state()
    world.faults["image-b"] = fault
    with pytest.raises(ReleaseRefused, match=says):
        ship(port, "b")
    assert (world.serving(), rollout(port).state()) == ("image-a", before)
    assert [name for plural, name in world.objects if plural == "deployments"] == ["churn"]
    assert [name for plural, name in world.objects if plural == "secrets"] == ["churn-keys-1"]


def test_what_goes_wrong_only_while_rolling_over_is_taken_back(world: World, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ship(port, "a")
    plain = World.apply

    def worse(self: World, plural: str, name: str, made: dict[str, Any]) -> dict[str, Any]:
        if (plural, name) == ("deployments", "churn") and "image-b" in str(made):
            self.faults["image-b"] = "crash"
        return plain(self, plural, name, made)

    monkeypatch.setattr(World, "apply", worse)
    with pytest.raises(ReleaseRefused, match="CrashLoopBackOff"):
        ship(port, "b")
    assert world.serving() == "image-a" and world.objects["deployments", "churn"]["spec"]["template"]["spec"]["containers"][0]["image"] == "image-a"


def test_missing_rights_and_namespaces_are_told(world: World, port: int) -> None:
    world.has_namespace = False
    with pytest.raises(OutsideError, match="no namespace churn"):
        ship(port, "a")
    world.is_forbidden = True
    with pytest.raises(OutsideError, match="does not let you") as refused:
        ship(port, "a")
    assert refused.value.todo == "user may not do this"
    world.is_down = True
    with pytest.raises(OutsideError, match="cannot be reached") as gone:
        rollout(port).state()
    assert "connection refused" in gone.value.todo


def test_the_candidate_is_proved_before_the_deployment_is_touched(world: World, port: int) -> None:
    ship(port, "a")
    asked = [what for _, what in world.asked]
    assert asked.index("deployments/churn-candidate") < asked.index("deployments/churn")
    assert ("DELETE", "deployments/churn-candidate") in world.asked
    story = ship(port, "b")
    assert world.serving() == "image-b" and story.proof is not None and story.is_ready()


def test_the_last_releases_and_their_keys_are_kept(world: World, port: int) -> None:
    for letter in "abcd":
        ship(port, letter)
    assert [each.release.id[0] for each in rollout(port).state().placed] == ["b", "c", "d"]
    assert sorted(name for plural, name in world.objects if plural == "secrets") == ["churn-keys-2", "churn-keys-3", "churn-keys-4"]


@pytest.mark.parametrize("target", [TARGET, OF_KSERVE])
def test_killed_at_any_request_the_old_one_serves_and_the_next_ship_goes_on(monkeypatch: pytest.MonkeyPatch, target: Target) -> None:
    behind = rollout(0, target).behind
    monkeypatch.setattr(steps, "_PAUSE", 0.01)
    plain = Cluster._ask
    killed = 0
    for moment in range(1, 60):
        world = World()
        with running(world) as port:
            ship(port, "a", target)
            left = [moment]

            def ask(self: Cluster, method: str, path: str, body: Any = None, left: list[int] = left, **more: bool) -> tuple[int, Any]:
                if method != "GET":
                    left[0] -= 1
                    if left[0] < 0:
                        raise Killed
                return plain(self, method, path, body, **more)

            monkeypatch.setattr(Cluster, "_ask", ask)
            try:
                ship(port, "b", target)
                is_over = True
            except Killed:
                is_over = False
            monkeypatch.setattr(Cluster, "_ask", plain)
            assert world.serving(behind) in ("image-a", "image-b")
            killed += not is_over
            ship(port, "b", target)
            assert world.serving(behind) == "image-b"
            assert [name for plural, name in world.objects if plural == "deployments"] == [behind]
        if is_over:
            break
    assert killed > 10


def test_nothing_is_left_after_an_end(world: World, port: int) -> None:
    story = ship(port, "a")
    story.remove(story.state())
    assert world.objects == {} and world.serving() == ""
