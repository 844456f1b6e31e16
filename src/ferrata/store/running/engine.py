"""Bring one stage up to date: say why it must run, restore it from the cache, or run it and record what it gave.

What a stage was given is looked at before its command starts: what is edited while it runs is never recorded as what it ran with. The lock is written
after every stage, last of all, so that a killed run goes on where it was.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from ferrata.errors import ProjectError, StageFailed
from ferrata.records.project import Stage
from ferrata.records.run import Change, Ended, StageRun
from ferrata.store import cache
from ferrata.store.hashing import Digest, digest
from ferrata.store.pipelines.lock import Entry, given_entry, read_lock, signature, with_results, write_lock
from ferrata.store.pipelines.params import ReadText, read_text
from ferrata.store.running import aside, runcache
from ferrata.store.running.changes import changes_of, rows_by_path
from ferrata.store.running.contents import Contents
from ferrata.store.running.variables import write_variables

Perform = Callable[[Stage], Ended]


class Engine:
    """One run in one project.

    `perform` runs a stage's commands; `guard` is held while `dvc.lock` is read and replaced, `claim` while a stage reads and writes its files.
    """

    def __init__(
        self,
        project: Path,
        perform: Perform,
        *,
        is_forced: bool = False,
        environ: Mapping[str, str] | None = None,
        guard: Callable[[], AbstractContextManager[object]] = nullcontext,
        read: ReadText = read_text,
        claim: Callable[[Stage], AbstractContextManager[object]] = lambda stage: nullcontext(),
        order: tuple[str, ...] = (),
    ) -> None:
        self.project, self.perform, self.is_forced, self.guard, self.claim, self.read = project, perform, is_forced, guard, claim, read
        self.environ = dict(os.environ) if environ is None else environ
        self.contents = Contents(project)
        self._signature = signature(project)
        self.locked = read_lock(project)
        self._order = (*self.locked, *(name for name in order if name not in self.locked))
        self._writing = threading.Lock()

    def reasons(self, stage: Stage) -> tuple[Change, ...]:
        """Why it must run; nothing when it is up to date, or only has to be restored."""
        if self.is_forced and not stage.is_frozen:
            return (Change("forced"),)
        return changes_of(stage, self.locked.get(stage.name), self.contents, self.environ, read=self.read)

    def expect(self, stage: Stage) -> None:
        """Its results are, or are about to be, what its entry says."""
        rows = rows_by_path(self.locked.get(stage.name, {}), "outs")
        for path in stage.results:
            if path in rows:
                self.contents.expect(stage.place(path), rows[path])

    def to_restore(self, stage: Stage) -> tuple[str, ...]:
        """Results of a stage that need not run which are not here, or not as it wrote them."""
        rows = rows_by_path(self.locked[stage.name], "outs")
        return tuple(path for path in stage.cached if path in rows and not self.contents.is_now(stage.place(path), rows[path]))

    def settle(self, stage: Stage) -> StageRun:
        """A stage that need not run: its results are checked out, or put in the cache where they are missing there."""
        rows = rows_by_path(self.locked[stage.name], "outs")
        stale = self.to_restore(stage)
        for path in stage.cached:
            if path in stale:
                self._check_out(stage, path, rows[path])
            elif rows[path].get("hash") == "md5" and not self.contents.is_cached(rows[path]):
                cache.put(self.project, self.project / stage.place(path))
        self.expect(stage)
        return StageRun(stage.name, "restored" if stale else "unchanged")

    def keep(self, stage: Stage, changes: tuple[Change, ...]) -> StageRun:
        """A frozen stage never runs: what is there is taken as it is, as DVC does. ProjectError when a result is nowhere."""
        rows = rows_by_path(self.locked.get(stage.name, {}), "outs")
        for path in stage.cached:
            if not (self.project / stage.place(path)).exists() and path in rows and self.contents.is_cached(rows[path]):
                self._check_out(stage, path, rows[path])
        self._check_written(stage, f"The stage {stage.name} is frozen, and {{}} is missing", "Take `frozen` out of dvc.yaml and run it.")
        self._record(stage, self._given(stage))
        return StageRun(stage.name, "kept", "it is frozen", changes=changes)

    def run(self, stage: Stage, changes: tuple[Change, ...]) -> StageRun:
        """From the run cache, else by its commands. StageFailed, ProjectError: its results are then as they were."""
        with self.claim(stage):
            return self._run(stage, changes)

    def _run(self, stage: Stage, changes: tuple[Change, ...]) -> StageRun:
        given = self._given(stage)
        if not self.is_forced and (found := runcache.find_run(self.project, stage, given)) is not None:
            return self._take(stage, given, found, changes)
        started = time.time()
        aside.set_aside(self.project, stage, self.locked.get(stage.name), self.contents)
        try:
            ended = self._perform(stage)
            entry = self._record(stage, given)
        except BaseException:
            aside.put_back(self.project, stage.name)
            raise
        aside.drop(self.project, stage.name)
        runcache.keep_run(self.project, stage, entry)
        why = "; ".join(map(str, changes))
        return StageRun(stage.name, "ran", why, ended.seconds, changes, ended.memory, started, stage.command, log=ended.log)

    def _given(self, stage: Stage) -> Entry:
        missing = [path for path in stage.deps if self.contents.digest(stage.place(path)) is None]
        if missing:
            what = f"The stage {stage.name} needs {', '.join(map(stage.place, missing))}, which is not there"
            raise ProjectError(what, where="dvc.yaml", todo="Restore it, pull it from the remote, or correct the dependencies.")
        return given_entry(self.project, stage, hashed=self._hashed, read=self.read)

    def _hashed(self, path: Path) -> Digest:
        place = path.relative_to(self.project).as_posix() if path.is_relative_to(self.project) else str(path)
        found = self.contents.digest(os.path.normpath(place))
        return found if found is not None else digest(path)

    def _perform(self, stage: Stage) -> Ended:
        ended = self.perform(stage)
        if ended.status != 0:
            raise StageFailed(
                f"The stage {stage.name} ended with status {ended.status}", ended=ended, where=f"`{ended.command or stage.command}`",
                todo="\n".join(ended.lines).strip()[-4000:] or f"Run `{ended.command or stage.command}` by hand to see why.",
            )  # fmt: skip
        self._check_written(stage, f"The stage {stage.name} did not write {{}}", "Correct its list of results in dvc.yaml.")
        return ended

    def _check_written(self, stage: Stage, what: str, todo: str) -> None:
        missing = [stage.place(path) for path in stage.results if not (self.project / stage.place(path)).exists()]
        if missing:
            raise ProjectError(what.format(", ".join(missing)), where=f"`{stage.command}`", todo=todo)

    def _record(self, stage: Stage, given: Entry) -> Entry:
        """Objects first, then the entry that names them."""
        held = {}
        for path in stage.results:
            place = self.project / stage.place(path)
            held[path] = cache.put(self.project, place) if path in stage.cached else digest(place)
            self.contents.forget(stage.place(path))
        entry = with_results(given, stage, lambda path: held[path])
        self._write(stage, entry)
        return entry

    def _take(self, stage: Stage, given: Entry, found: Entry, changes: tuple[Change, ...]) -> StageRun:
        rows = rows_by_path(found, "outs")
        for path in stage.results:
            self._check_out(stage, path, rows[path])
        self._write(stage, {**given, "outs": [rows[path] for path in sorted(rows)]})
        return StageRun(stage.name, "restored", "the same has run before", changes=changes)

    def _check_out(self, stage: Stage, path: str, wanted: Entry) -> None:
        place = self.project / stage.place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        cache.checkout(self.project, wanted["md5"], place, is_executable=bool(wanted.get("isexec")))
        self.contents.forget(stage.place(path))

    def _write(self, stage: Stage, entry: Entry) -> None:
        with self._writing, self.guard():
            entries = {**self._entries(), stage.name: entry}
            write_variables(self.project, stage, entry, self.environ)
            write_lock(self.project, {name: entries[name] for name in dict.fromkeys([*self._order, *entries]) if name in entries})
            self.locked, self._signature = entries, signature(self.project)
        self.expect(stage)

    def _entries(self) -> dict[str, Entry]:
        """Those of the lock, read again when somebody else has written it."""
        return self.locked if signature(self.project) == self._signature else read_lock(self.project)
