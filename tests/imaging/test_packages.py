"""Which packages of a lock go into an image, and what the list of components says of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ferrata.errors import ProjectError
from ferrata.records.image import Identity, Needed
from ferrata.steps.imaging.components import components
from ferrata.steps.imaging.dockerfile import dockerfile
from ferrata.steps.imaging.packages import Lock, filtered, key_of, packages_of, recorded, requirements_text

LOCK = """version = 1

[[package]]
name = "churn"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "seaborn" }, { name = "model-lib" }]

[package.dev-dependencies]
serve = [{ name = "web", extra = ["fast"] }]

[[package]]
name = "model-lib"
version = "2.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "numbers" }]

[[package]]
name = "numbers"
version = "1.1"
source = { registry = "https://download.example.org/cpu" }

[[package]]
name = "seaborn"
version = "0.13"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "numbers" }]

[[package]]
name = "web"
version = "3.0"
source = { registry = "https://pypi.org/simple" }

[package.optional-dependencies]
fast = [{ name = "loop", marker = "sys_platform != 'win32'" }]

[[package]]
name = "loop"
version = "0.2"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "local"
version = "1"
source = { path = "../local-1.whl" }
"""

EXPORTED = """\
loop==0.2 ; sys_platform != 'win32' \\
    --hash=sha256:aa \\
    --hash=sha256:ab
    # via web
Model_Lib==2.0 \\
    --hash=sha256:bb
numbers==1.1 ; platform_machine == 'arm64' \\
    --hash=sha256:cc
seaborn==0.13 \\
    --hash=sha256:dd
    # via churn
"""


@pytest.fixture
def lock(tmp_path: Path) -> Lock:
    (tmp_path / "uv.lock").write_text(LOCK)
    return Lock(tmp_path)


def test_what_only_training_needs_stays_out(lock: Lock) -> None:
    assert lock.closure(["model-lib", *lock.group("serve")]) == {"model-lib", "numbers", "web", "loop"}
    kept = filtered(EXPORTED, {"model-lib", "loop"})
    assert "seaborn" not in kept and "# via" not in kept
    assert kept.splitlines()[:3] == ["loop==0.2 ; sys_platform != 'win32' \\", "    --hash=sha256:aa \\", "    --hash=sha256:ab"]


def test_an_extra_brings_its_own_packages_and_no_other(lock: Lock) -> None:
    assert lock.group("serve") == ("web", "web[fast]")
    assert lock.closure(["web"]) == {"web"} and lock.closure(["web[fast]", "unheard-of"]) == {"web", "loop"}


def test_other_indexes_are_named_and_what_no_machine_can_get_is_refused(lock: Lock) -> None:
    assert lock.elsewhere({"model-lib", "numbers"}) == ("https://download.example.org/cpu",)
    with pytest.raises(ProjectError, match="local comes from ../local-1.whl"):
        lock.elsewhere({"local"})


def test_the_file_is_made_once_for_one_lock_code_service_and_kind_of_model(lock: Lock) -> None:
    key = key_of({"lock": "a" * 64, "code": "b" * 64, "service": "c" * 64}, {"type": "sklearn.svm.SVC"})
    need = Needed(("loop", "model-lib", "numbers"), ("params.yaml",))
    text = requirements_text(EXPORTED, lock, need)
    made = dockerfile("churn", "python:3", "sha256:" + "0" * 64, ["model"], key=key, reads=need.reads)
    assert "--extra-index-url https://download.example.org/cpu\n" in text and "lock" not in text.replace("uv.lock", "")
    assert recorded(text, made, key) == need
    assert recorded(text, made, key.replace("SVC", "SVR")) is None and recorded("", made, key) is None and recorded(text, "", key) is None


def test_markers_are_those_of_linux_and_the_image_s_machine() -> None:
    names = [each.name for each in packages_of(EXPORTED, python="3.11", machine="x86_64")]
    assert names == ["loop", "model-lib", "seaborn"]
    assert "numbers" in [each.name for each in packages_of(EXPORTED, python="3.11", machine="arm64")]


def test_components_have_hashes_and_are_the_same_for_the_same_image() -> None:
    identity = Identity("churn", "c" * 40, 1_700_000_000, (), "d" * 64, "e" * 64, "f" * 64)
    found = packages_of(EXPORTED, python="3.11", machine="x86_64")
    text = components(identity, found, f"registry.example.org:5000/python:3.11-slim@sha256:{'1' * 64}")
    assert text == components(identity, found, f"registry.example.org:5000/python:3.11-slim@sha256:{'1' * 64}")
    bom = json.loads(text)
    assert (bom["bomFormat"], bom["specVersion"], bom["metadata"]["timestamp"]) == ("CycloneDX", "1.6", "2023-11-14T22:13:20Z")
    kinds = {each["type"]: each for each in bom["components"]}
    assert (kinds["container"]["name"], kinds["container"]["version"]) == ("registry.example.org:5000/python", "3.11-slim")
    loop = next(each for each in bom["components"] if each["name"] == "loop")
    assert loop["purl"] == "pkg:pypi/loop@0.2"
    assert [each["content"] for each in loop["externalReferences"][0]["hashes"]] == ["aa", "ab"]
