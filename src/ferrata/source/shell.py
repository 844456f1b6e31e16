"""What a shell line of a notebook (`!command`, a line of `%%bash`) means for a pipeline."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_LOOKS = frozenset(
    "ls dir ll tree pwd cd cat head tail less more wc du df free top htop ps lscpu nproc uname whoami hostname "
    "date which whereis file stat echo printf nvidia-smi nvcc clear cls grep find sort uniq cut tput sleep "
    "true test export set ulimit jupyter ipython man type id env printenv history".split()
)
_PIP_TAKES_VALUE = frozenset(
    "-r --requirement -c --constraint -i --index-url --extra-index-url -f --find-links -t --target "
    "--trusted-host --python-version --platform --prefix --root --cache-dir --proxy --timeout --retries "
    "--progress-bar --only-binary --no-binary --upgrade-strategy -e --editable --log --src --config-settings".split()
)
_CONDA_TAKES_VALUE = frozenset("-c --channel -n --name -p --prefix --file --solver".split())
_REQUIREMENT = re.compile(r"^[A-Za-z0-9][\w.\-]*(\[[\w\-, .]+\])?\s*((===|==|~=|!=|>=|<=|>|<)\s*[\w.*+!\-]+\s*,?\s*)*(;.*)?$")
_STRENGTH = ("nothing", "requirement", "download", "script")


@dataclass(frozen=True)
class ShellMeaning:
    """`meaning` as in `records.notebook.Magic`; `code` is Python that does the same, "" where there is none.

    `requirements` are PEP 508 specifiers; `downloads` pairs of URL and the file it is saved as ("" when the command does not tell).
    """

    meaning: str
    requirements: tuple[str, ...] = ()
    downloads: tuple[tuple[str, str], ...] = ()
    code: str = ""
    reason: str = ""


def shell_meaning(command: str) -> ShellMeaning:
    """The meaning of one command line; of several joined by `&&`, `;`, `|`: the strongest one."""
    parts = [_part_meaning(part) for part in _split_commands(command)]
    if not parts:
        return ShellMeaning("nothing")
    if len(parts) == 1:
        return parts[0]
    strongest = max(parts, key=lambda part: _STRENGTH.index(part.meaning) if part.meaning in _STRENGTH else len(_STRENGTH))
    meaning = "script" if strongest.meaning == "code" else strongest.meaning
    return ShellMeaning(
        meaning, sum((part.requirements for part in parts), ()), sum((part.downloads for part in parts), ()),
        reason=strongest.reason or ("a shell command that changes files" if meaning == "script" else ""),
    )


def _split_commands(command: str) -> list[list[str]]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";|&")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        words = command.split()
    parts: list[list[str]] = [[]]
    for word in words:
        if word and set(word) <= set(";|&"):
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def _part_meaning(words: list[str]) -> ShellMeaning:
    words = _without_prefix(words)
    if not words:
        return ShellMeaning("nothing")
    if any(".kaggle" in word for word in words):
        return ShellMeaning("nothing", reason="sets up Kaggle credentials")
    program, rest = words[0].rsplit("/", 1)[-1], words[1:]
    if _is_python(program):
        return _python_meaning(rest)
    for names, meaning in _PROGRAMS:
        if program in names:
            return meaning(rest)
    if program in _LOOKS:
        return _looking(words)
    return ShellMeaning("script", reason=f"runs the program `{program}`")


def _without_prefix(words: list[str]) -> list[str]:
    while words and (words[0] in ("sudo", "time", "yes", "uv", "nohup") or re.match(r"^\w+=\S*$", words[0])):
        words = words[1:]
    return words


def _is_python(program: str) -> bool:
    return bool(re.match(r"^(python[\d.]*|py|\{?sys\.executable\}?)(\.exe)?$", program.strip('"'))) or program.endswith("executable}")


def _python_meaning(rest: list[str]) -> ShellMeaning:
    if rest[:2] == ["-m", "pip"]:
        return _pip(rest[2:])
    if rest[:2] == ["-m", "spacy"] and rest[2:3] == ["download"]:
        return ShellMeaning("script", reason="downloads a spaCy model")
    if rest and rest[0] in ("--version", "-V"):
        return ShellMeaning("nothing")
    return ShellMeaning("script", reason=f"runs another Python program: {' '.join(rest[:2])}")


def _looking(words: list[str]) -> ShellMeaning:
    if any(word.startswith((">", "1>")) for word in words[1:]):
        return ShellMeaning("script", reason=f"`{words[0]}` writes a file")
    return ShellMeaning("nothing")


def _arguments(words: list[str], takes_value: frozenset[str]) -> list[str]:
    plain, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in takes_value
        else:
            plain.append(word)
    return plain


def _pip(rest: list[str]) -> ShellMeaning:
    if "install" not in rest:
        return ShellMeaning("nothing")
    rest = rest[rest.index("install") + 1 :]
    found = tuple(word for word in _arguments(rest, _PIP_TAKES_VALUE) if _REQUIREMENT.match(word) or _is_direct(word))
    reason = "installs from a requirements file" if any(word in ("-r", "--requirement") for word in rest) else ""
    return ShellMeaning("requirement", tuple(word for word in found if word not in ("pip", ".")), reason=reason)


def _is_direct(word: str) -> bool:
    return word.startswith(("git+", "http://", "https://")) and "{" not in word


def _conda(rest: list[str]) -> ShellMeaning:
    if rest[:1] not in (["install"], ["update"]):
        return ShellMeaning("nothing")
    names = [word.rsplit("::", 1)[-1] for word in _arguments(rest[1:], _CONDA_TAKES_VALUE)]
    found = tuple(re.sub(r"(?<![=<>!~])=(?!=)", "==", name) for name in names)
    skipped = ("python", "anaconda", "conda", "pip")
    return ShellMeaning("requirement", tuple(name for name in found if _REQUIREMENT.match(name) and re.split(r"[=<>]", name)[0] not in skipped))


def _fetch(rest: list[str]) -> ShellMeaning:
    """wget and curl. The saved name is `-O`/`-o`'s argument, else the last part of the URL."""
    target, folder = "", ""
    for index, word in enumerate(rest):
        following = rest[index + 1] if index + 1 < len(rest) else ""
        if word in ("-O", "-o", "--output", "--output-document") and following and not _is_url(following) and not following.startswith("-"):
            target = following
        elif word.startswith(("--output-document=", "--output=")):
            target = word.split("=", 1)[1]
        elif word in ("-P", "--directory-prefix"):
            folder = following
    urls = [word for word in rest if _is_url(word)]
    if not urls:
        return ShellMeaning("download", reason="downloads from an address that only the run knows")
    return ShellMeaning("download", downloads=tuple((url, target or _in_folder(folder, saved_name(url))) for url in urls))


def _in_folder(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}" if folder else name


def _is_url(word: str) -> bool:
    return word.startswith(("http://", "https://", "ftp://")) and "{" not in word and "$" not in word


def saved_name(url: str) -> str:
    """The file name that a download of this URL is saved under."""
    return unquote(urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1])


def _gdown(rest: list[str]) -> ShellMeaning:
    plain = _arguments(rest, frozenset(("-O", "--output", "-c")))
    output = next((rest[index + 1] for index, word in enumerate(rest[:-1]) if word in ("-O", "--output")), "")
    address = plain[0] if plain else ""
    url = address if _is_url(address) else f"https://drive.google.com/uc?id={address}" if re.match(r"^[\w\-]{15,}$", address) else ""
    return ShellMeaning("download", downloads=((url, output),) if url else (), reason="downloads from Google Drive")


def _kaggle(rest: list[str]) -> ShellMeaning:
    what = next((word for word in reversed(rest) if not word.startswith("-")), "")
    return ShellMeaning("download", reason=f"downloads `{what}` from Kaggle, which needs an account")


def _mkdir(rest: list[str]) -> ShellMeaning:
    folders = _arguments(rest, frozenset(("-m",)))
    if not folders or _has_variables(folders):
        return ShellMeaning("script", reason="makes a folder")
    made = "; ".join(f"os.makedirs({_quoted(folder)}, exist_ok=True)" for folder in folders)
    return ShellMeaning("code", code=f"import os; {made}")


def _unzip(rest: list[str]) -> ShellMeaning:
    folder = next((rest[index + 1] for index, word in enumerate(rest[:-1]) if word == "-d"), "")
    plain = _arguments(rest, frozenset(("-d", "-x", "-P")))
    if len(plain) != 1 or _has_variables(plain + [folder]) or "-P" in rest or "-x" in rest:
        return ShellMeaning("script", reason="unpacks an archive")
    return ShellMeaning("code", code=f"import zipfile; zipfile.ZipFile({_quoted(plain[0])}).extractall({_quoted(folder) if folder else ''})")


def _tar(rest: list[str]) -> ShellMeaning:
    plain = _arguments(rest, frozenset(("-C", "--directory")))
    folder = next((rest[index + 1] for index, word in enumerate(rest[:-1]) if word in ("-C", "--directory")), "")
    if plain and re.match(r"^[xvzjf]+$", plain[0]) and not rest[0].startswith("-"):
        plain = plain[1:]
    is_extract = bool(rest) and "x" in rest[0].lstrip("-") and not rest[0].startswith("--")
    if not is_extract or len(plain) != 1 or _has_variables(plain + [folder]):
        return ShellMeaning("script", reason="packs or unpacks an archive")
    return ShellMeaning("code", code=f"import tarfile; tarfile.open({_quoted(plain[0])}).extractall({_quoted(folder) if folder else ''})")


def _has_variables(words: list[str]) -> bool:
    return any(re.search(r"[{}$*?]", word) for word in words)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "/").replace('"', '\\"') + '"'


_PROGRAMS = (
    (("pip", "pip2", "pip3", "pip3.7", "pip3.8", "pip3.9", "pip3.10", "pip3.11"), _pip),
    (("conda", "mamba", "micromamba"), _conda),
    (("wget", "curl", "aria2c", "axel"), _fetch),
    (("gdown",), _gdown),
    (("kaggle",), _kaggle),
    (("mkdir",), _mkdir),
    (("unzip",), _unzip),
    (("tar",), _tar),
)
