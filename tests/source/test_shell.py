import pytest

from ferrata.source.shell import ShellMeaning, shell_meaning

INSTALLS = {
    "versions kept": ("pip install -q 'a>=1' b==2.0", ("a>=1", "b==2.0")),
    "extras": ("pip3 install kaleido[all] -U", ("kaleido[all]",)),
    "from git": ("pip install git+https://github.com/u/r.git", ("git+https://github.com/u/r.git",)),
    "requirements file is no name": ("pip install -r requirements.txt c", ("c",)),
    "index is no name": ("pip install --extra-index-url https://x.y/simple c", ("c",)),
    "conda": ("conda install -c conda-forge -y lightgbm=3.1", ("lightgbm==3.1",)),
    "python -m": ("{sys.executable} -m pip install x", ("x",)),
    "several commands": ("pip install a && pip install b; ls", ("a", "b")),
    "variable": ("pip install {package}", ()),
    "only looks": ("pip list", ()),
    "uninstall": ("pip uninstall -y a", ()),
}


@pytest.mark.parametrize(("command", "expected"), INSTALLS.values(), ids=INSTALLS.keys())
def test_requirements(command: str, expected: tuple[str, ...]) -> None:
    assert shell_meaning(command).requirements == expected


DOWNLOADS = {
    "wget": ("wget -q https://a.b/c%20d.csv", (("https://a.b/c%20d.csv", "c d.csv"),)),
    "wget to a name": ("wget https://a.b/c.csv -O d.csv", (("https://a.b/c.csv", "d.csv"),)),
    "wget to a folder": ("wget -P data https://a.b/c.csv", (("https://a.b/c.csv", "data/c.csv"),)),
    "curl": ("curl -L -o d.csv https://a.b/c", (("https://a.b/c", "d.csv"),)),
    "curl -O": ("curl -O https://a.b/c.csv", (("https://a.b/c.csv", "c.csv"),)),
    "gdown": ("gdown --id 1aBcDeFgHiJkLmNoPq -O x.zip", (("https://drive.google.com/uc?id=1aBcDeFgHiJkLmNoPq", "x.zip"),)),
    "address only the run knows": ("wget {url}", ()),
    "kaggle": ("kaggle datasets download -d a/b", ()),
}


@pytest.mark.parametrize(("command", "expected"), DOWNLOADS.values(), ids=DOWNLOADS.keys())
def test_downloads(command: str, expected: tuple[tuple[str, str], ...]) -> None:
    meaning = shell_meaning(command)
    assert (meaning.meaning, meaning.downloads) == ("download", expected)


MEANINGS = {
    "nothing at all": ("", "nothing"), "looks": ("nvidia-smi", "nothing"), "listing": ("ls -la | head", "nothing"),
    "echo into a file": ("echo a > b.txt", "script"), "program": ("python train.py", "script"), "copy": ("cp a b", "script"),
    "credentials": ("cp kaggle.json ~/.kaggle/", "nothing"), "tar of all": ("tar -xzf a.tar.gz", "code"), "tar packs": ("tar -czf a.tar.gz b", "script"),
    "unzip of one member": ("unzip a.zip b.csv", "script"), "folder and program": ("mkdir a && make", "script"),
}


@pytest.mark.parametrize(("command", "meaning"), MEANINGS.values(), ids=MEANINGS.keys())
def test_meaning(command: str, meaning: str) -> None:
    assert shell_meaning(command).meaning == meaning


def test_unbalanced_quotes_are_no_crash() -> None:
    assert isinstance(shell_meaning("echo 'a"), ShellMeaning)
