"""Two versions of a project, end to end: what may not be compared first."""

from __future__ import annotations

import hashlib
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from tests.comparing.conftest import Compare, Place, people

from ferrata.errors import ProjectError, UsageError
from ferrata.pages.html import to_html
from ferrata.pages.markdown import to_markdown
from ferrata.pages.terminal import to_text


def test_another_test_set_is_said_and_not_computed(place: Place, ask: Compare) -> None:
    place.run(seed="2", bias="3.0")
    page = ask()
    assert (page.status, page.data["outcome"], page.data["verdict"], page.data["scores"]) == (1, "not comparable", None, [])
    rows = page.data["rows"]
    assert rows["common"] + rows["only_first"] == 200 and rows["moved"] == rows["only_first"] > 50
    assert f"{rows['common']} of the 200 rows that main was tested on" in page.data["why"][0]
    assert page.next_command == "ferrata compare --common"
    common = ask(is_common=True)
    assert (common.status, common.data["outcome"], common.data["verdict"]) == (0, "compared on common rows", "worse")
    assert "that both were tested on" in to_text(common) and "the rows in common alone" in to_text(common)


def test_another_target_is_said_and_not_computed(place: Place, ask: Compare) -> None:
    rows = people(400)
    for row in rows[::20]:
        row[4] = "no" if row[4] == "yes" else "yes"
    place.data(rows)
    place.run()
    page = ask()
    assert page.data["outcome"] == "not comparable" and page.data["rows"]["only_first"] == 0
    assert re.search(r"The target is another one: \d+ of the 200 rows", page.data["why"][0])
    kept = ask(is_common=True).data["rows"]
    assert kept["common"] == 200 - kept["relabelled"]


def test_other_recorded_scores_that_moved_are_told_without_a_verdict(place: Place, ask: Compare) -> None:
    code = place.project / "evaluate.py"
    text = code.read_text()
    code.write_text(text.replace("right / len(out)}", 'right / len(out), "other": float(params["bias"]), "still": 1.5}'))
    place.run()
    place.commit("with another score")
    place.run(bias="3.0")
    page = ask()
    assert page.data["other_scores"] == [{"name": "other", "first": 0.0, "second": 3.0}]
    assert re.search(r"Other scores that moved\n.*\n +other +0\.0000 +3\.0000 +\+3\.0000\n", to_text(page))


def test_a_version_against_itself_names_the_one_before(place: Place, ask: Compare) -> None:
    place.run(bias="3.0")
    place.commit("another bias")
    page = ask()
    assert page.data["verdict"] == "the same" and "the same commit" in " ".join(to_text(page).split())
    assert page.next_command == f"ferrata compare {place.git('rev-parse', '--short=7', 'HEAD')}~1"
    assert ask(page.next_command.split()[-1]).data["verdict"] == "worse"


def test_results_of_something_else_are_refused(place: Place, ask: Compare) -> None:
    (place.project / "params.yaml").write_text((place.project / "params.yaml").read_text().replace("bias: 0.0", "bias: 1.0"))
    with pytest.raises(ProjectError, match="not those of the working tree"):
        ask()
    place.commit("parameters without results")
    with pytest.raises(ProjectError, match="made from something else"):
        ask("HEAD", "HEAD")


@pytest.mark.parametrize(("options", "message"), [
    ({"first": "nosuch"}, "no revision"), ({"slices": ("height",)}, "no column"), ({"score": "RMSE"}, "no score"), ({"margin": 0.0}, "between 0 and 1"),
])  # fmt: skip
def test_wrong_usage(ask: Compare, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ask(**options)


def test_results_that_are_nowhere_are_made_again_or_asked_for(place: Place, ask: Compare) -> None:
    md5 = re.search(r"md5: (\w+)\n\s+size: \d+\n\s*$", (place.project / "dvc.lock").read_text())
    assert md5
    kept = place.project / ".dvc" / "cache" / "files" / "md5" / md5[1][:2] / md5[1][2:]
    place.git("branch", "-q", "before")
    code = place.project / "evaluate.py"
    text = code.read_text()
    kept.unlink()
    code.write_text(text + "\n")
    place.run(bias="3.0")
    assert ask("before").data["verdict"] == "worse" and kept.exists(), "made in a clone, and kept"
    code.write_text("import nosuch\n" + text)
    place.git("commit", "-q", "-m", "one that stops", "evaluate.py")
    (place.project / "dvc.lock").write_text(re.sub(r"(path: evaluate.py\n\s+hash: md5\n\s+md5: )\w+(\n\s+size: )\d+", lambda match: (
        f"{match[1]}{hashlib.md5(code.read_bytes()).hexdigest()}{match[2]}{code.stat().st_size}"), place.git("show", "before:dvc.lock")))  # fmt: skip
    (place.project / "params.yaml").write_text(place.git("show", "before:params.yaml") + "\n")
    place.git("commit", "-q", "-m", "with its lock", "dvc.lock", "params.yaml")
    kept.unlink()
    place.git("branch", "-q", "stops")
    code.write_text(text)
    place.run()
    kept.unlink(missing_ok=True)
    with pytest.raises(ProjectError, match="and its pipeline stops"):
        ask("stops")


def test_nothing_changed_is_the_same(place: Place, ask: Compare) -> None:
    page = ask()
    assert page.data["verdict"] == "the same" and all(score["difference"] == 0 for score in page.data["scores"])


def test_rows_are_matched_by_content_and_not_by_number(place: Place, ask: Compare) -> None:
    """The data file is turned round: each row has another number, and the same answers."""
    (place.project / "evaluate.py").write_text((place.project / "evaluate.py").read_text().replace(
        "chosen = random.Random(int(params[\"seed\"])).sample(range(len(rows)), len(rows) // 2)",
        "chosen = [number for number, row in enumerate(rows) if int(row[\"email\"][1:].split(\"@\")[0]) % 2]",
    ).replace("noise.gauss(0, float(params[\"noise\"]))", "0"))  # fmt: skip
    place.run()
    place.commit("a fixed test set")
    place.data(people(400)[::-1])
    place.run()
    page = ask()
    assert page.data["rows"]["common"] == 200 and page.data["rows"]["how"] == "their cells in the data file"
    assert page.data["verdict"] == "the same"


def test_worse_says_where_and_hides_personal_data(place: Place, ask: Compare) -> None:
    place.git("checkout", "-q", "-b", "try")
    place.run(bias="2.0")
    page = ask("main")
    main = page.data["scores"][0]
    assert (page.status, page.data["verdict"], main["name"], main["test"]) == (0, "worse", "accuracy", "exact McNemar")
    assert main["difference"] == pytest.approx((page.data["fixed"] - page.data["broken"]) / 200)
    assert main["low"] < main["difference"] < main["high"] < 0
    assert page.data["changed"] == ["bias: 0.0 → 2.0"]
    others = page.data["scores"][1:]
    assert {"balanced accuracy", "f1", "AUC", "log loss", "Brier"} <= {each["name"] for each in others}
    assert all(each["adjusted"] >= each["p_value"] for each in others)
    assert page.data["regressions"] and all(flip["truth"] == flip["first"] != flip["second"] for flip in page.data["regressions"])
    assert all(flip["cells"]["email"] == "•••" and flip["cells"]["city"] in ("Bern", "Basel", "Chur") for flip in page.data["regressions"])
    worse = [each for each in page.data["slices"] if each["is_worse"]]
    assert worse and {each["column"] for each in worse} <= {"age", "city", "member"} and all(each["adjusted"] <= 0.05 for each in worse)
    assert sum(map(sum, page.data["confusions"][1])) == 200 and page.data["calibrations"]


def test_four_forms_of_one_page(place: Place, ask: Compare) -> None:
    place.run(bias="0.05", random_state="2")
    page = ask(slices=("city",))
    assert page.data["verdict"] == "cannot tell" and page.data["scores"][0]["rows_to_tell"] > 200
    assert re.search(r"Cannot tell \((about [\d,]+ more test rows would|even a hundred)", to_text(page))
    assert "Cannot tell" in to_markdown(page)
    html = to_html(page)
    assert not re.search(r"(src|href)=|url\(|@import", html), "nothing from elsewhere"
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) == 3 and all(ElementTree.fromstring(drawing).tag.endswith("svg") for drawing in drawings)
    kept = {path.name for path in (place.project / "evidence").iterdir()}
    assert {"compare.json", "compare.md", "compare.html"} <= kept
    images = re.findall(r"!\[[^\]]+\]\((compare/\w+\.svg)\)", (place.project / "evidence" / "compare.md").read_text())
    assert len(images) == 3 and all((place.project / "evidence" / image).is_file() for image in images)
    assert json.loads((place.project / "evidence" / "compare.json").read_text())["verdict"] == "cannot tell"


def test_looking_often_is_counted_and_said(place: Place, ask: Compare) -> None:
    counts = []
    for draw in ("2", "2", "3", "4", "5"):
        place.run(random_state=draw)
        page = ask()
        counts.append(page.data["uses"]["versions"])
    assert counts == [2, 2, 3, 4, 5], "looking at the same again counts once"
    assert "5 versions have been looked at on these test rows" in to_text(page)


def test_rows_that_also_lie_outside_of_the_test_set_are_told(place: Place, ask: Compare) -> None:
    rows = people(400)
    place.data([*rows, *rows[:40]])
    place.run()
    place.commit("data with rows that occur twice")
    page = ask()
    assert any("also in its data outside of the test set" in note for note in page.data["notes"])
    assert page.data["rows"]["duplicates"][0] > 0


OLD = 'out.append([number, row["left"]'


def test_rows_without_an_identity_are_not_compared(place: Place, ask: Compare) -> None:
    """A number that names no row of the data, and no digest of what was evaluated."""
    (place.project / "evaluate.py").write_text((place.project / "evaluate.py").read_text().replace(OLD, 'out.append([len(out), row["left"]'))
    place.run()
    place.commit("numbers of the test set")
    page = ask()
    assert page.data["outcome"] == "not comparable" and "Nothing tells which rows" in page.data["why"][0] and "save_predictions" in page.data["why"][0]


NUMBERS = """
import csv, json, random
from pathlib import Path
params = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
rows = list(csv.DictReader(open("data/people.csv")))
noise = random.Random(int(params["random_state"]))
Path("evaluation").mkdir(exist_ok=True)
with open("evaluation/predictions.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["row", "truth", "prediction"])
    for number in range(0, len(rows), 2):
        age = float(rows[number]["age"])
        writer.writerow([number, age, age + noise.gauss(0, 5 + float(params["bias"]))])
Path("evaluation/metrics.json").write_text(json.dumps({"mae": 1.0}))
"""


def test_numbers_are_compared_by_their_errors(place: Place, ask: Compare, tmp_path: Path) -> None:
    (place.project / "evaluate.py").write_text(NUMBERS)
    place.run()
    place.commit("a regression")
    place.run(bias="5")
    page = ask()
    assert page.data["verdict"] == "worse" and {each["name"] for each in page.data["scores"]} == {"MAE", "RMSE", "R²"}
    assert page.data["scores"][0]["name"] == "MAE" and page.data["scores"][0]["test"] == "permutation"
    assert page.data["classes"] is None and page.data["fixed"] == 0 and page.data["regressions"]
    assert len(re.findall("<svg", to_html(page))) == 2
