"""What numbers of classes are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from ferrata.observer.rowwise.class_names import class_names

CATS = [f"pets/{kind}.{number}.jpg" for kind in ("cat", "dog") for number in range(4)]
NUMBERED = [f"train/{number:04}.png" for number in range(8)]
FOLDERS = [f"shapes/{kind}/{number}.png" for kind in ("round", "square") for number in range(4)]
TWO = [0, 0, 0, 0, 1, 1, 1, 1]
KINDS = "id,fold,breed\n" + "".join(f"{number:04},{number % 3},{'beagle' if number < 4 else 'pug'}\n" for number in range(8)) + "0099,1,whippet\n"

# (files that were asked about, the author's numbers, all files, table, classes of the data set, what they are called)
NAMED = (
    (CATS, None, CATS, "", None, []),
    (CATS, [1, 0, 0, 0, 1, 1, 1, 1], CATS, "", None, []),
    (CATS[:1] + CATS[-1:], [0, 1], CATS, "", None, []),  # of two images anything would do
    (NUMBERED, TWO, NUMBERED, "", None, []),
    (NUMBERED, TWO, NUMBERED, "id,age\n" + "".join(f"{number:04},{30 if number < 4 else 40}\n" for number in range(8)), None, []),
    (NUMBERED, TWO, NUMBERED, "id,breed\n" + "0000,pug\n", None, []),
    (FOLDERS, ["round"] * 4 + ["square"] * 4, FOLDERS, "", None, []),
    (FOLDERS, TWO, FOLDERS, "", None, [[0, "round"], [1, "square"]]),
    (FOLDERS, TWO, [*FOLDERS, "shapes/star/1.png"], "", None, [[0, "round"], [1, "square"], [2, "star"]]),
    (FOLDERS, [1, 1, 1, 1, 0, 0, 0, 0], FOLDERS, "", None, [[0, "square"], [1, "round"]]),
    (FOLDERS, TWO, FOLDERS, "", ["round", "square", "zigzag"], [[0, "round"], [1, "square"], [2, "zigzag"]]),
    (FOLDERS, TWO, FOLDERS, "", ["square", "round", "zigzag"], [[0, "round"], [1, "square"]]),  # its names are in another order than the numbers
    (CATS, TWO, CATS, "", None, [[0, "cat"], [1, "dog"]]),
    (NUMBERED, TWO, NUMBERED, KINDS, None, [[0, "beagle"], [1, "pug"], [2, "whippet"]]),
    (NUMBERED, [float(number) for number in TWO], NUMBERED, KINDS.replace(",", ";"), None, [[0, "beagle"], [1, "pug"], [2, "whippet"]]),
)


@pytest.mark.parametrize(("files", "truths", "paths", "table", "classes", "expected"), NAMED)
def test_classes_are_called_what_every_image_says(
    files: list[str], truths: list[object] | None, paths: list[str], table: str, classes: list[str] | None, expected: list[object], tmp_path: Path
) -> None:
    (tmp_path / "labels.csv").write_text(table, encoding="utf-8")
    assert class_names(str(tmp_path), ["labels.csv", "train"], files, truths, paths, classes) == expected
