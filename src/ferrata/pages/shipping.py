"""The pages of `ferrata ship` and `ferrata rollback`: what would be done, what was done, what serves where."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.records.amount import elapsed
from ferrata.records.command import Command
from ferrata.records.page import Code, Page, Section, Table, Text
from ferrata.records.shipping import (
    Act,
    Pause,
    Placed,
    Ready,
    Replay,
    Run,
    Save,
    Send,
    Shipped,
    Start,
    State,
    Target,
    Through,
    Write,
)

_DONE = {"shipped": "serves at", "rolled-back": "serves again at", "unchanged": "serves already at"}


def shipped_page(shipped: Shipped) -> Page:
    placed, before = shipped.placed, shipped.replaced
    assert placed is not None
    release = placed.release
    rows: tuple[tuple[str, str], ...] = (
        ("address", shipped.address), ("commit", release.commit), ("model", release.model[:12]), ("data", release.data[:12]), ("image", release.image),
    )  # fmt: skip
    there = f"{shipped.proof.level.value}, {shipped.proof.ways[0].rows} rows through the release itself" if shipped.proof else ""
    replaced = f"{before.release.id}, since {before.since}" if before else "nothing"
    rows = (*rows, ("proof", there or f"{release.level} when it was built"), ("replaced", replaced))
    blocks = (
        Table(("", ""), rows), *(Text(note, "warn") for note in shipped.notes),
        Text("Recorded in evidence/releases.jsonl.", "faint") if shipped.act != "unchanged" else Text("Nothing was done.", "faint"),
    )  # fmt: skip
    again = f"ferrata rollback {shipped.target.name}" if before and shipped.act == "shipped" else "ferrata ship status"
    took = f" after {elapsed(shipped.seconds)}" if shipped.seconds else ""
    return Page(f"{release.id} {_DONE[shipped.act]} {shipped.target.name}{took}", blocks, _data(shipped), again)


def plan_page(shipped: Shipped, target: Target) -> Page:
    """Commands as they are run there; those of a server without the options of ssh."""

    def shown(command: Command) -> Command:
        words = ("sudo", *command.arguments) if target.sudo else command.arguments
        return replace(command, arguments=("ssh", target.host, shlex.join(words))) if target.kind == "server" else command

    lines = [f"# {number}. {_words(act)}\n{_line(act, shown)}".rstrip() for number, act in enumerate(shipped.acts, 1)]
    before = shipped.replaced
    blocks = (
        Text(f"First the image is built and proved (ferrata image build). IMAGE stands for it, {before.release.id if before else 'nothing'} serves now."),
        Code("\n".join(lines), "sh"),
        Text("Whatever fails before the switch is undone, and what serves now serves on. Nothing was done.", "faint"),
    )  # fmt: skip
    return Page(f"What `ferrata ship {shipped.target.name}` would do", blocks, {**_data(shipped), "acts": [_act_data(act, shown) for act in shipped.acts]})


def cluster_plan_page(target: Target, objects: Sequence[dict[str, Any]], files: Sequence[str], address: str) -> Page:
    """The objects in the order in which they are applied."""
    import yaml

    names = [f"{each['kind']} {each['metadata']['name']}" for each in objects]
    over = "Then KServe brings its Deployment to the InferenceService" if target.kserve else "Then the Deployment is rolled over"
    blocks = (
        Text(f"First the image is built, proved and pushed; kubectl leads to {target.context or 'its current context'}, namespace {target.namespace}."),
        Text("The candidate is one pod that no caller reaches: the proof rows go through it, and it is removed. "
             f"{over}, pod by pod, and the rows go through its Service. What fails is taken back."),
        Code("\n---\n".join(str(yaml.safe_dump(each, sort_keys=False, width=140)).rstrip() for each in objects), "yaml"),
        Text(f"Written to the project: {', '.join(files)}. Nothing was done.", "faint"),
    )  # fmt: skip
    data = {"schema_version": SCHEMA_VERSION, "outcome": "planned", "target": target.name, "kind": target.kind, "address": address, "objects": list(objects)}
    return Page(f"What `ferrata ship {target.name}` would do: {len(names)} objects", blocks, {**data, "files": list(files)})


def status_page(project: Path, found: Sequence[tuple[Target, State, str, bool, str]]) -> Page:
    """Of each target: what stands there, where it is called, whether it answers, and why that is not known."""
    rows, styles = [], []
    for target, state, address, answers, problem in found:
        serving = state.serving
        health = problem or ("answers" if answers else "does not answer") if serving or problem else ""
        told = (serving.release.id, serving.since, serving.replaced) if serving else ("nothing", "", "")
        rows.append((target.name, *told, address, health))
        styles.append("bad" if problem or (serving and not answers) else "good" if serving else "faint")
    table = Table(("target", "serves", "since", "replaced", "address", ""), tuple(rows), styles=tuple(styles))
    kept = [_kept(target, state) for target, state, *_ in found if len(state.placed) > 1]
    title = f"{project.name}: {sum(bool(state.serving) for _, state, *_ in found)} of {len(found)} targets serve"
    entries = [
        {"target": target.name, "kind": target.kind, "address": address, "answers": answers, "problem": problem or None, **dataclasses.asdict(state)}
        for target, state, address, answers, problem in found
    ]
    failed = any(problem or (state.serving and not answers) for _, state, _, answers, problem in found)
    return Page(title, (table, *kept), {"schema_version": SCHEMA_VERSION, "outcome": "status", "targets": entries}, status=1 if failed else 0)


def down_page(shipped: Shipped, repository: str) -> Page:
    left = [f"Images that were pushed stay in {repository}, which may cost storage: remove them there."] if repository else []
    if shipped.target.kind == "server":
        left.append(f"The machine {shipped.target.host} itself, with the programs that were installed there. What it costs goes on.")
    if shipped.target.kind == "kubernetes":
        left.append(f"The namespace {shipped.target.namespace} and the cluster. What its machines cost goes on.")
    if shipped.target.kind == "local":
        left.append("The last image that was built here: `ferrata image build` uses its layers again.")
    blocks = (Section("What is left", tuple(Text(text) for text in left)),) if left else ()
    return Page(f"Nothing of it is left at {shipped.target.name}", blocks, {**_data(shipped), "left": left})


def _kept(target: Target, state: State) -> Section:
    rows = tuple((each.release.id, each.since, "serves" if each.number == state.current else "") for each in reversed(state.placed))
    return Section(f"What {target.name} keeps (ferrata rollback {target.name} --to RELEASE)", (Table(("release", "since", ""), rows),))


def _words(act: Act) -> str:
    if isinstance(act, Write):
        return f"Write {act.path}, mode {act.mode:o}{f': {act.says}' if act.says else ''}"
    if isinstance(act, (Run, Send, Start)):
        return f"{act.command.why}{' (if it is there)' if isinstance(act, Run) and act.may_fail else ''}{' unless it runs' if isinstance(act, Start) else ''}"
    if isinstance(act, Save):
        serving = act.state.serving
        what = f"{act.state.pending.container} is begun" if act.state.pending else f"{serving.container} serves" if serving else "nothing serves"
        return f"Write down that {what}: state.json"
    return {
        Ready: "Wait until it answers its example (/readyz)", Replay: "Replay the proof rows through it; every answer must be the notebook's",
        Through: "Ask the address of the callers which release answers (/version)", Pause: "Let requests that are on their way arrive",
    }[type(act)]  # fmt: skip


def _line(act: Act, shown: Callable[[Command], Command]) -> str:
    if isinstance(act, Run):
        return shlex.join(shown(act.command).arguments)
    if isinstance(act, (Send, Start)):
        return shlex.join(act.command.arguments)
    return act.text.rstrip() if isinstance(act, Write) and not act.says else ""


def _act_data(act: Act, shown: Callable[[Command], Command]) -> dict[str, Any]:
    command = shown(act.command) if isinstance(act, Run) else act.command if isinstance(act, (Send, Start)) else None
    return {"act": type(act).__name__.lower(), "what": _words(act), "command": list(command.arguments) if command else None}


def _data(shipped: Shipped) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION, "outcome": shipped.act, "target": shipped.target.name, "kind": shipped.target.kind, "address": shipped.address,
        "release": _placed(shipped.placed), "replaced": _placed(shipped.replaced), "seconds": round(shipped.seconds, 1), "notes": list(shipped.notes),
        "level": shipped.proof.level if shipped.proof else None,
    }  # fmt: skip


def _placed(placed: Placed | None) -> dict[str, Any] | None:
    return {**dataclasses.asdict(placed.release), "number": placed.number, "since": placed.since} if placed else None
