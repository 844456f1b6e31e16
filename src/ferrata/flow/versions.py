"""A version of the project with its results in place: the working tree as it is, or a commit in a clone with what the cache or the remote has of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ferrata.errors import ProjectError, UsageError
from ferrata.programs import git, uv
from ferrata.records.evidence import Side, Version
from ferrata.records.project import Stage
from ferrata.records.signature import PLACE as SIGNATURE
from ferrata.steps.verifying.recorded import locked_digests
from ferrata.store.cache import open_cache
from ferrata.store.pipelines.graph import in_order
from ferrata.store.pipelines.pipeline import read_pipeline
from ferrata.store.pipelines.sources import find_sources
from ferrata.world import process
from ferrata.world.reporter import Reporter

WORKING_TREE = "the working tree"
_MAIN = ("main", "master")


class Versions:
    """Reads versions of one project; `scratch` is a folder for clones."""

    def __init__(self, project: Path, scratch: Path, reporter: Reporter) -> None:
        self.project, self.scratch, self.reporter = project, scratch, reporter
        self._count = 0
        self._python: Path | None = None
        self._clones: dict[str, Path] = {}

    @property
    def python(self) -> Path:
        """Of the project's own environment, which reads its tables; made from the lock where there is none yet."""
        if self._python is None:
            python = self.project / ".venv" / "bin" / "python"
            if not python.exists():
                if not (self.project / "uv.lock").exists():
                    todo = "Lock its packages (uv lock), or make .venv with pandas and pyarrow in it."
                    raise ProjectError("The project has no environment that could read its predictions", where=str(self.project), todo=todo)
                self.reporter.step("Install the project's environment")
                process.run(uv.sync(self.project), check=True, on_line=self.reporter.detail)
                self.reporter.done("")
            self._python = python
        return self._python

    def read(self, name: str, *, is_second: bool = False) -> Side:
        """"" is the working tree for the second version, the main branch for the first."""
        self.python  # noqa: B018  # made before anything else is begun
        self.reporter.step(f"Read {name or (WORKING_TREE if is_second else 'the main branch')}")
        side = self._working_tree() if is_second and not name else self._revision(name or self._main())
        self.reporter.done(f"{len(next(iter(side.columns.values()))):,} predictions")
        return side

    def _main(self) -> str:
        for name in (*_MAIN, *(f"origin/{name}" for name in _MAIN)):
            if process.run(git.rev_parse(self.project, name)).status == 0:
                return name
        raise UsageError("There is no branch main or master to compare with", where=str(self.project), todo="Say which revision: ferrata compare REVISION.")

    def _folder(self) -> Path:
        self._count += 1
        folder = self.scratch / f"version{self._count}"
        folder.mkdir()
        return folder

    def _working_tree(self) -> Side:
        from ferrata.steps.comparing.sides import read_side
        from ferrata.steps.record import commit_and_changes
        from ferrata.steps.stand import stage_standings

        stages = read_pipeline(self.project)
        stale = [each for each in stage_standings(self.project) if each.reason or each.after or each.to_restore]
        if stale:
            why = stale[0].reason or (f"after {', '.join(stale[0].after)}" if stale[0].after else f"{', '.join(stale[0].to_restore)} is not there")
            raise ProjectError(f"The results are not those of the working tree: {stale[0].name} has to run ({why})", where="dvc.lock", todo="ferrata run")
        stood = commit_and_changes(self.project, stages)
        changed = (*stood.get("uncommitted", {}).get("files", ()), *self._parameters(stages))
        uncommitted = tuple(file for file in changed if not file.startswith("evidence/"))
        return read_side(self.project, stages, Version(WORKING_TREE, stood.get("commit", ""), uncommitted), python=self.python, scratch=self._folder())

    def _parameters(self, stages: Sequence[Stage]) -> tuple[str, ...]:
        """Files of parameters that are not as committed; what a run records leaves them out."""
        entries = process.run(git.status(self.project)).output.split("\0")
        files = {stage.place(file.path) for stage in stages for file in stage.sources}
        return tuple(sorted(entry[3:] for entry in entries if entry[3:] in files))

    def _revision(self, name: str) -> Side:
        from ferrata.steps.comparing.sides import data_places, predictions_place, read_side
        from ferrata.steps.verifying.copy import clone
        from ferrata.steps.verifying.origin import find_origin

        if name.startswith("-") or process.run(git.rev_parse(self.project, name)).status != 0:
            raise UsageError(f"{name} is no revision of this repository", where="ferrata compare", todo="Give a branch, a tag or a commit.")
        origin = find_origin(self.project, name)
        copy, origin = clone(origin, self._folder())
        stages = read_pipeline(copy.project)
        stages = in_order(stages, [source.place for source in find_sources(copy.project, stages)])
        digests = dict(locked_digests(copy.project, stages))
        digests |= {source.place: str(source.row.get("md5", "")) for source in find_sources(copy.project, stages)}
        self._refuse_stale(name, copy.project, stages)
        place = predictions_place(stages)
        self._supply(copy.project, {path: digests[path] for path in data_places(copy.project, stages)})
        if not (copy.project / place).exists() and not self._supply(copy.project, {place: digests.get(place, "")}):
            self._make(name, copy.project, place)
        self._clones[name] = copy.project
        return read_side(copy.project, stages, Version(name, origin.commit), python=self.python, scratch=self._folder())

    def runnable(self, name: str) -> Path:
        """Where a version lies that was read, with its data, the project's cache and an environment, so that its pipeline can run."""
        if name not in self._clones:
            return self.project
        self._equip(self._clones[name])
        return self._clones[name]

    def _refuse_stale(self, name: str, clone: Path, stages: Sequence[Stage]) -> None:
        """What is recorded must have been made from what is committed."""
        from ferrata.steps.verifying.copy import Copy
        from ferrata.steps.verifying.standing import stale_lock

        stale = stale_lock(Copy(clone.parent, clone, clone), stages)
        if stale:
            todo = f"Check {name} out, run the pipeline (ferrata run) and commit what it gives."
            raise ProjectError(stale[0].what, where=f"dvc.lock at {name}", todo=todo)

    def _supply(self, clone: Path, wanted: Mapping[str, str]) -> bool:
        """From this project's cache, else from the remote; whether all of it was to be had."""
        from ferrata.store import workspace

        cache = open_cache(self.project)
        absent = cache.missing(md5 for md5 in wanted.values() if md5)
        if absent:
            self._pull(absent)
            absent = cache.missing(absent)
        for place, md5 in wanted.items():
            if md5 and md5 not in absent:
                workspace.checkout(cache, md5, clone / place)
        return all(md5 and md5 not in absent for md5 in wanted.values())

    def _make(self, name: str, clone: Path, place: str) -> None:
        """Run the pipeline of the commit in its clone; what comes out goes to this project's cache, so that it is made once."""
        from ferrata.steps.repeating.copies import run_with

        self.reporter.step(f"Run the pipeline of {name}, whose results are nowhere")
        self._equip(clone)
        outcome = run_with(clone, ())
        if outcome.status != 0 or not (clone / place).exists():
            todo = f"Get them (ferrata pull), or see why: git checkout {name}, ferrata run, git checkout -."
            raise ProjectError(f"The results of {name} are not in the cache, nor where the data is shared, and its pipeline stops", where=place, todo=todo)
        self.reporter.done("")

    def answering(self, name: str) -> Path | None:
        """Where a version lies that was read, with its model, so that it can answer; None where the model is not at hand, or needs other packages."""
        clone = self._clones.get(name)
        if clone is None:
            return self.project
        if not (clone / SIGNATURE).is_file() or _content(clone / "uv.lock") != _content(self.project / "uv.lock"):
            return None
        cache = open_cache(self.project)
        wanted = {place: md5 for place, md5 in locked_digests(clone, read_pipeline(clone)).items() if place.startswith("model/")}
        if cache.missing(md5 for md5 in wanted.values() if md5):
            return None
        self._supply(clone, {place: md5 for place, md5 in wanted.items() if not (clone / place).exists()})
        return clone

    def _equip(self, clone: Path) -> None:
        from ferrata.steps.repeating.copies import share_cache

        self._supply(clone, {source.place: str(source.row.get("md5", "")) for source in find_sources(clone)})
        share_cache(self.project, clone)
        if (clone / "uv.lock").exists() and _content(clone / "uv.lock") != _content(self.project / "uv.lock"):
            process.run(uv.sync(clone), check=True, on_line=self.reporter.detail)
        elif not (clone / ".venv").exists():
            (clone / ".venv").symlink_to(self.python.parents[1].resolve())

    def _pull(self, md5s: set[str]) -> None:
        from ferrata.store.config import read_config
        from ferrata.store.remotes import transfer
        from ferrata.store.remotes.remote import open_remote

        try:
            remote = open_remote(read_config(self.project).remote())
        except ProjectError:  # there is none
            return
        transfer.pull(open_cache(self.project), remote, md5s)


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""
