"""A target of kind `kubernetes`: one pod of the new release is proved first, then the Deployment is rolled over to it; what fails is taken back."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ferrata.errors import FerrataError, OutsideError, ReleaseRefused, UsageError
from ferrata.programs import kubectl
from ferrata.records.proof import Level
from ferrata.records.service import ProofRow, ServiceProof
from ferrata.records.shipping import Placed, State, Target
from ferrata.steps.serving.replay import replay_briefly
from ferrata.steps.shipping import manifests
from ferrata.steps.shipping.cluster import Cluster
from ferrata.steps.shipping.states import from_text, to_text
from ferrata.world.daemon import started
from ferrata.world.loopback import Caller, free_port, is_taken, says_ready
from ferrata.world.reporter import Reporter

_ROLLOUT_SECONDS = 900.0
_TAKEN_SECONDS = 120.0  # until a controller has acted on what it was given
_SAME = (Level.IDENTICAL, Level.EQUAL)


@contextlib.contextmanager
def reached(target: Target) -> Iterator[Cluster]:
    """OutsideError where kubectl is not here, or does not get there."""
    port = free_port()
    with started(kubectl.proxy(port, target.context), seconds=5) as daemon:
        daemon.wait_until(lambda: is_taken("127.0.0.1", port), seconds=30)
        yield Cluster(port, target.namespace)


def address(target: Target) -> str:
    """As far as it is known before. Without a domain it is reached inside of the cluster alone."""
    if target.kserve:
        return f"InferenceService {target.namespace}/{target.model}"
    return f"https://{target.domain}" if target.domain else f"http://{target.model}.{target.namespace}.svc"


@dataclass
class ClusterRollout:
    """`rows`, `input_name` and `bound` as for a replay."""

    target: Target
    cluster: Cluster
    reporter: Reporter
    rows: Sequence[ProofRow]
    input_name: str
    bound: float | None = None
    proof: ServiceProof | None = None

    @property
    def name(self) -> str:
        return self.target.model

    @property
    def behind(self) -> str:
        return manifests.behind(self.target, self.name)

    def state(self) -> State:
        """UsageError where the setting `kserve` is not what it was when it was shipped."""
        found = self.cluster.read("ConfigMap", f"{self.name}-releases") or {}
        state = from_text(found.get("data", {}).get("state.json", ""), f"ConfigMap {self.name}-releases")
        if state.placed or state.pending:
            self._need_same_kind()
        return state

    def _need_same_kind(self) -> None:
        other = "Deployment" if self.target.kserve else "InferenceService"
        if self.cluster.read(other, self.name, may_be_refused=True):
            todo = f"Set kserve as it was, then: ferrata ship down {self.target.name}. After that it can be changed."
            raise UsageError(f"What serves there is a {other}, and the setting kserve says otherwise now", where=f"target {self.target.name}", todo=todo)

    def need_place(self) -> None:
        """OutsideError without the namespace, or without KServe where it is wanted."""
        if not self.cluster.has_namespace():
            todo = f"Make it, by who may: kubectl create namespace {self.target.namespace}."
            raise OutsideError(f"There is no namespace {self.target.namespace}", where=f"target {self.target.name}", todo=todo)
        if self.target.kserve and not self.cluster.has_kserve():
            todo = "Install KServe there (https://kserve.github.io/website), or remove kserve = true: a Deployment does without."
            raise OutsideError("The cluster has no KServe", where=f"target {self.target.name}", todo=todo)

    def roll(self, state: State, new: Placed, keys: dict[str, str]) -> None:
        """ReleaseRefused where it is not proved, or not rolled out: what served before serves on."""
        self.need_place()
        key = secrets.token_urlsafe(32)
        known = {**keys, "proof": hashlib.sha256(key.encode()).hexdigest()}
        self._save(replace(state, pending=new))
        try:
            self.cluster.apply(manifests.keys_secret(self.target, self.name, new.number, known))
            self._prove_candidate(new, key)
            self._switch(state, new, key)
        except BaseException:
            with contextlib.suppress(FerrataError):
                self.cluster.delete("Secret", f"{self.name}-keys-{new.number}")
                self._save(replace(state, pending=None))
            raise
        self._keep(state, new)

    def _prove_candidate(self, new: Placed, key: str) -> None:
        self.reporter.step(f"Start one pod of {new.release.id} that no caller reaches")
        try:
            for made in manifests.candidate(self.target, self.name, new):
                self.cluster.apply(made)
            self.cluster.wait(f"{self.name}-candidate", seconds=_ROLLOUT_SECONDS)
            self.reporter.done("")
            self.reporter.step("Replay the proof rows through it")
            self.proof = self._replayed(f"{self.name}-candidate", new, key)
            self.reporter.done(f"{self.proof.level.value}, {len(self.rows)} rows")
        finally:
            for kind in ("Deployment", "Service"):
                self.cluster.delete(kind, f"{self.name}-candidate")

    def _switch(self, state: State, new: Placed, key: str) -> None:
        self.reporter.step("Roll over to it, pod by pod")
        try:
            for made in manifests.objects(self.target, self.name, new):
                self.cluster.apply(made)
            if self.target.kserve:
                self.cluster.wait_taken(self.name, self.behind, manifests.marks(new), seconds=_TAKEN_SECONDS)
            self.cluster.wait(self.behind, seconds=_ROLLOUT_SECONDS)
            self._replayed(self.behind, new, key)
        except BaseException:
            with contextlib.suppress(FerrataError):
                self._take_back(state)
            raise
        self.reporter.done("")

    def _take_back(self, state: State) -> None:
        """The Deployment (or InferenceService) as it was; without one before there is none again."""
        if state.serving:
            self.cluster.apply(manifests.workload(self.target, self.name, state.serving))
        else:
            self.cluster.delete("InferenceService" if self.target.kserve else "Deployment", self.name)

    def _replayed(self, name: str, new: Placed, key: str) -> ServiceProof:
        way = self.cluster.way(name)
        proof = replay_briefly(self.rows, "127.0.0.1", self.cluster.port, self.input_name, key=key, bound=self.bound, below=way)
        found = proof.identity.get("model")
        if found != new.release.model:
            raise ReleaseRefused(f"{name} answers with the model {str(found)[:12]}, and {new.release.model[:12]} was to be shipped", where=self.target.name)
        if proof.level not in _SAME:
            wrong = max(each.mismatches for each in proof.ways)
            raise ReleaseRefused(f"{wrong} of the {len(self.rows)} answers of {name} are not the notebook's", where=self.target.name)
        return proof

    def _keep(self, state: State, new: Placed) -> None:
        """The state says what serves; the keys of releases that are not kept go."""
        kept = manifests.kept(state, new, self.target.keep)
        self._save(State(kept, new.number))
        for old in state.placed:
            if old not in kept:
                with contextlib.suppress(FerrataError):
                    self.cluster.delete("Secret", f"{self.name}-keys-{old.number}")

    def _save(self, state: State) -> None:
        self.cluster.apply(manifests.state_map(self.target, self.name, to_text(state)))

    def recovered(self, state: State) -> State:
        """What a killed command left is undone: its candidate goes, and the Deployment is what the state says."""
        if state.pending is None:
            return state
        after = replace(state, pending=None)
        for kind in ("Deployment", "Service"):
            self.cluster.delete(kind, f"{self.name}-candidate")
        self._take_back(after)
        self.cluster.delete("Secret", f"{self.name}-keys-{state.pending.number}")
        self._save(after)
        return after

    def is_ready(self) -> bool:
        caller = Caller("127.0.0.1", self.cluster.port, seconds=20, below=self.cluster.way(self.behind))
        return says_ready(caller)

    def address(self) -> str:
        """Of an InferenceService it is the one that KServe has given it."""
        found = (self.cluster.read("InferenceService", self.name) or {}) if self.target.kserve else {}
        return str(found.get("status", {}).get("url") or address(self.target))

    def remove(self, state: State) -> None:
        numbers = [each.number for each in (*state.placed, *((state.pending,) if state.pending else ()))]
        way = "HTTPRoute" if self.target.gateway else "Ingress"
        own = ("InferenceService",) if self.target.kserve else (way, "HorizontalPodAutoscaler", "Deployment", "Service")
        for kind in (*own, "PodDisruptionBudget", "NetworkPolicy", "ServiceAccount"):
            self.cluster.delete(kind, self.name)
        for kind in ("Deployment", "Service"):
            self.cluster.delete(kind, f"{self.name}-candidate")
        for number in numbers:
            self.cluster.delete("Secret", f"{self.name}-keys-{number}")
        self.cluster.delete("ConfigMap", f"{self.name}-releases")
