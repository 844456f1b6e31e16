"""The Dockerfile and .dockerignore of a project: short, and the same for the same project."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from ferrata.errors import ProjectError

MARK = "# Written by `ferrata image build`"
REQUIREMENTS = "service/image-requirements.txt"
_PINNED = re.compile(r"^FROM (?P<base>\S+)@(?P<digest>sha256:[0-9a-f]{64}) AS base$", re.MULTILINE)
_HEALTH = "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['SERVICE_PORT'] + '/readyz', timeout=4)"

RUNTIME = "runtime"
_LAST = "\nFROM runtime\n"
# Libraries that are not asked to run their own tests, which are a third of their files, in a service; none of them imports these.
_TESTED = ("numpy", "pandas", "scipy", "sklearn")

_DOCKERFILE = """\
{mark}: the service of {name}, without what only training needs. docs: service/README.md
# The base is held by its digest; `ferrata image build --fresh-base` looks for a newer one.
FROM {base}@{digest} AS base

# The packages of the lock, by hash. pip and what it leaves behind stay in this stage, and the tests of the largest packages go.
FROM base AS packages
ARG PIP_INDEX_URL
{about}
COPY {requirements} /requirements.txt
RUN python3 -m venv /pip && python3 -m venv --without-pip /venv \\
 && /pip/bin/python -m pip --python /venv/bin/python install --quiet --no-cache-dir --no-compile --no-deps --require-hashes -r /requirements.txt \\
 && find /venv/lib -depth -type d -name tests \\
    {tested} -exec rm -rf {{}} + \\
 && PYTHONHASHSEED=0 /venv/bin/python -m compileall -q -j 1 --invalidation-mode unchecked-hash /venv/lib \\
 && find /venv -exec touch --no-dereference --date=@0 {{}} +

FROM base AS runtime
ENV SERVICE_HOST=0.0.0.0 SERVICE_PORT=8000 SERVICE_KEYS=/run/secrets/keys.json HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 CMD ["/venv/bin/python", "-c", {health}]
ENTRYPOINT ["/venv/bin/python", "-m", "service"]
COPY --from=packages /venv /venv

# What changes most often comes last: a new model is one layer, and what stands above it is not made again.
FROM runtime
{copies}
ARG COMMIT=unknown
ENV SERVICE_COMMIT=$COMMIT
"""


def dockerfile(name: str, base: str, digest: str, folders: Sequence[str], *, key: str, reads: Sequence[str] = ()) -> str:
    """`folders` are files and folders of the project, what changes most often last; `key` says what the packages were found for."""
    copies = "\n".join(_copy(path) for path in folders)
    about = "\n".join([f"# for: {key}", *(f"# reads: {path}" for path in reads)])
    tested = "\\( " + " -o ".join(f"-path '*/{each}/*'" for each in _TESTED) + " \\)"
    return _DOCKERFILE.format(
        tested=tested, mark=MARK, name=name, base=base, digest=digest, about=about, requirements=REQUIREMENTS, copies=copies, health=json.dumps(_HEALTH),
    )  # fmt: skip


def runtime_key(text: str, requirements: str, platform: str) -> str:
    """Of all that the stage `runtime` is made of: it is the same image where this is the same."""
    return hashlib.sha256("\0".join([text.partition(_LAST)[0], requirements, platform]).encode()).hexdigest()[:16]


def on_runtime(text: str, reference: str) -> str:
    """The last stage alone, on an image of the stage `runtime` that is there already. podman and buildah copy the packages from one stage to the other to see
    that they are the same, which takes longer than all the rest."""
    return f"FROM {reference}\n{text.partition(_LAST)[2]}"


def dockerignore(folders: Sequence[str], *, is_with_rows: bool) -> str:
    """Everything is left out but what the Dockerfile names. API keys stay out, and the proof rows, which are the author's data, unless they are wanted."""
    rows = [] if is_with_rows else ["model/*.jsonl"]
    wanted = [f"!{path}" for path in (REQUIREMENTS, *folders)]
    left_out = ["service/keys.json*", "**/__pycache__", "**/*.pyc", "**/.gitignore", *rows]
    return "\n".join([MARK, "*", *wanted, *left_out]) + "\n"


def pinned(text: str) -> tuple[str, str]:
    """The base of a Dockerfile of ours and its digest; ("", "") where it has none."""
    found = _PINNED.search(text)
    return (found["base"], found["digest"]) if found else ("", "")


def written(project: Path) -> str:
    """The Dockerfile that is there; "" for none. ProjectError for one that is not ours."""
    for name in ("Dockerfile", ".dockerignore"):
        place = project / name
        if place.is_file() and MARK not in place.read_text(encoding="utf-8", errors="replace"):
            todo = f"Move it aside (git mv {name} {name}.mine); or keep it, and build with your own commands."
            raise ProjectError(f"There is a {name} that Ferrata has not written", where=str(place), todo=todo)
    place = project / "Dockerfile"
    return place.read_text(encoding="utf-8") if place.is_file() else ""


def _copy(path: str) -> str:
    return f"COPY {json.dumps([path, path])}" if re.search(r"[\s\"'\\$*?\[]", path) else f"COPY {path} {path}"
