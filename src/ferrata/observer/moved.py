"""Values that hold paths of data files: the same ones, where a project keeps these files elsewhere than the notebook did."""

import glob
import os

from .formats.equality import difference


class Moved:
    """Tells whether a text of the notebook names what a text of the project names.

    `home` is the folder that the notebook ran in, `project` that of its pipeline. `places` maps each data file or folder, relative to `home`, to where the
    project has it, relative to `project`: the same bytes, tracked by their hash. `named`: the paths of the project that were found so.
    """

    def __init__(self, home, project, places):
        self.home, self.project = os.path.realpath(home), os.path.realpath(project)
        self.places = {_full(self.home, old): _full(self.project, new) for old, new in places.items()}
        self.named, self._known = set(), {}

    def same(self, one, other):
        """Whether `one` in the notebook and `other` in the project are one text, or name one data file or folder, or a pattern that finds such."""
        if one == other:
            return True
        if not one or not other:
            return False
        there, here = self._expected(_full(self.home, os.fsdecode(one))), _full(self.project, os.fsdecode(other))
        if there is None or there != here or not (os.path.exists(here) or _finds(here)):
            return False
        self.named.add(here)
        return True

    def _expected(self, path):
        """Where the project has what is at a path of the notebook; None for what is no data."""
        if path not in self._known:
            self._known[path] = self._inside(path) or self._above(path)
        return self._known[path]

    def _inside(self, path):
        folder = path
        while folder and folder not in self.places:
            folder = os.path.dirname(folder) if os.path.dirname(folder) != folder else ""
        return self.places[folder] + path[len(folder) :] if folder else None

    def _above(self, path):
        """A folder that holds data which moved as a whole, all of it to one other folder."""
        rests = {place[len(path) :]: new for place, new in self.places.items() if place.startswith(path.rstrip(os.sep) + os.sep)}
        folders = {new[: -len(rest)] if new.endswith(rest) else None for rest, new in rests.items()}
        return folders.pop() if len(folders) == 1 else None


def _full(folder, text):
    return os.path.normpath(os.path.join(folder, text)) if "\0" not in text else text


def _finds(pattern):
    return glob.has_magic(pattern) and next(glob.iglob(pattern), None) is not None


def compare(job, load):
    """For each of the job's `pairs`, of a file with the notebook's value and one with the pipeline's: [how many paths of data files in them differ in the text
    alone, the folder that holds these in the project], and 0 where anything else differs, or nothing does. `load` reads such a file."""
    return [_compared(job, load, one, other) for one, other in job["pairs"]]


def _compared(job, load, one, other):
    moved = Moved(job["home"], job["project"], job["places"])
    try:
        differs = difference(load(one), load(other), moved.same)
    except Exception:
        differs = "it cannot be read"
    if differs or not moved.named:
        return [0, ""]
    return [len(moved.named), os.path.relpath(os.path.commonpath(sorted(moved.named)), moved.project).replace(os.sep, "/")]
