"""`ferrata why` names what was planted, and nothing else; the project is only read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.explaining.cases import QUICK
from tests.explaining.planted import Case, asked, verdict

from ferrata.pages.terminal import to_text


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.name)
def test_the_planted_cause_is_named_and_no_other(case: Case, tmp_path: Path) -> None:
    page = asked(case, tmp_path / "project")
    assert verdict(case, page) == ([], []) and page.data["outcome"] == case.outcome, to_text(page)


def test_the_project_is_only_read(tmp_path: Path, scratch: Path) -> None:
    project = tmp_path / "project"
    seen: list[dict[str, bytes]] = []

    def look() -> None:
        """Whatever is somebody's: Git writes its own table anew when it is asked for the state."""
        files = (path for path in project.rglob("*") if path.is_file() and ".venv" not in path.parts)
        seen.append({str(path): path.read_bytes() for path in files if not str(path).endswith(".git/index")})

    case = QUICK[2]
    asked(Case(case.name, case.files, lambda place: (case.plant(place), look())[0], case.causes), project)
    look()
    assert [path for path in {**seen[0], **seen[1]} if seen[0].get(path) != seen[1].get(path)] == []
    assert [name for name in os.listdir(scratch) if name.startswith("ferrata-why")] == []
