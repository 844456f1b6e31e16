"""Where files go that the code writes to a folder of another machine."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

FOLDER = "outputs"


@dataclass
class Outputs:
    """`files` maps a path as written to the one used here (itself when it stays), `folders` a foreign folder to its new place; both relative to
    the notebook's folder."""

    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)

    def place(self, value: str, *, is_folder: bool) -> str:
        """A place under `outputs/`, the same for all files of one foreign folder. "\\0" in `value` is kept."""
        folder, _, name = value.rstrip("/").rpartition("/")
        if "\0" in folder:
            head = value.split("\0", 1)[0].rpartition("/")[0]
            place = f"{self.folders.setdefault(head, FOLDER)}/{value[len(head) + 1 :]}"
        elif is_folder and "\0" not in name:
            place = self._under_known(value.rstrip("/")) or f"{FOLDER}/{name}"
            self.folders[value.rstrip("/")] = place
        else:
            place = self._file(value, folder, name)
        self.files[value] = place
        return place

    def _file(self, value: str, folder: str, name: str) -> str:
        place = f"{self._under_known(folder) or self.folders.setdefault(folder, FOLDER)}/{name}"
        if any(other != value and taken == place for other, taken in self.files.items()):
            return f"{FOLDER}/{os.path.basename(folder)}/{name}"
        return place

    def _under_known(self, folder: str) -> str:
        """The new place of a foreign folder, or of the nearest one above that has one."""
        parts = folder.split("/")
        for count in range(len(parts), 0, -1):
            known = self.folders.get("/".join(parts[:count]))
            if known:
                return "/".join([known, *parts[count:]])
        return ""
