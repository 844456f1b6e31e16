import pytest

from ferrata.source.paths import looks_like_path, path_style, path_uses

NO_PATHS = {
    "date": "01/02/2020", "date format": "%d/%m/%Y", "mime": "text/html", "unit": "km/h", "not available": "N/A", "regex": r"^/a/\d+/",
    "sentence": "Saved, see a.csv for more",
    "column": "sepal length (cm)", "title": "Accuracy / epochs", "json": '{"a": 1}', "html": "<a/>", "suffix": ".csv", "empty": "", "number": "3.14",
    "version": "v1.2", "fraction": "1/2",
    "domain-like word": "e.g.",
}


@pytest.mark.parametrize("value", NO_PATHS.values(), ids=NO_PATHS.keys())
def test_what_is_no_path(value: str) -> None:
    assert not looks_like_path(value)


PATHS = {
    "file": "train.csv", "file with spaces": "Train Data (1).csv", "folder and file": "data/train.csv", "windows": "D:\\x", "share": "\\\\host\\x",
    "absolute": "/home/me/data/",
    "kaggle": "/kaggle/input/x", "up": "../data", "home": "~/data", "address": "https://x.y/z",
}


@pytest.mark.parametrize("value", PATHS.values(), ids=PATHS.keys())
def test_what_is_a_path(value: str) -> None:
    assert looks_like_path(value)


STYLES = {
    "a.csv": "relative", "../a.csv": "relative", "../input/a.csv": "kaggle", "/kaggle/working/a.csv": "kaggle", "/content/a.csv": "colab",
    "drive/MyDrive/a.csv": "colab", "/a/b.csv": "absolute",
    "~/a.csv": "home", "C:/a.csv": "windows", "d:\\a.csv": "windows", "http://x.y/a.csv": "url", "s3://x/a.csv": "url", "input.csv": "relative",
    "contents/a.csv": "relative",
}


@pytest.mark.parametrize(("value", "style"), STYLES.items())
def test_style(value: str, style: str) -> None:
    assert path_style(value) == style


USES: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "texts that are no paths": (
        "df.rename(columns={'a/b.csv': 'x'})\nplt.title('a/b.csv')\nprint('x.csv')\ndf['a.csv']\nx == 'a.csv'\nre.sub('/a/b/', '', s)\n'a.csv'", []),
    "read": ("pd.read_csv('a.csv', sep=';')", [("read", "file", "a.csv")]),
    "read by keyword": ("pd.read_csv(filepath_or_buffer='a')", [("read", "file", "a")]),
    "write": ("df.to_csv('a.csv')\nplt.savefig('b.png')\njoblib.dump(m, 'c.pkl')\ntorch.save(m, 'd.pt')", [("write", "file", name) for name in ("a.csv",
        "b.png", "c.pkl", "d.pt")]),
    "open reads": ("open('a.txt')", [("read", "file", "a.txt")]),
    "open writes": ("open('a.txt', 'wb')\nopen('b', mode='a')", [("write", "file", "a.txt"), ("write", "file", "b")]),
    "folder": ("os.listdir('imgs')", [("read", "folder", "imgs")]),
    "glob": ("glob.glob('imgs/*.png')", [("read", "glob", "imgs/*.png")]),
    "chdir": ("os.chdir('D:/x')", [("chdir", "folder", "D:/x")]),
    "exists": ("os.path.exists('a.csv')", [("check", "file", "a.csv")]),
    "variable": ("p = 'a.csv'\npd.read_csv(p)", [("assign", "file", "a.csv"), ("read", "file", "a.csv")]),
    "plus": ("d = 'D:/x/'\npd.read_csv(d + 'a.csv')", [("assign", "folder", "D:/x/"), ("read", "file", "D:/x/a.csv")]),
    "join": ("pd.read_csv(os.path.join('d', 'e', 'a.csv'))", [("read", "file", "d/e/a.csv")]),
    "join with an unknown part": ("cv2.imread(os.path.join('d', name))", [("read", "file", "d/\0")]),
    "f-string": ("d = '/data'\npd.read_csv(f'{d}/a_{i}.csv')", [("assign", "folder", "/data"), ("read", "file", "/data/a_\0.csv")]),
    "percent": ("pd.read_csv('d/a_%d.csv' % i)", [("read", "file", "d/a_\0.csv")]),
    "format": ("pd.read_csv('d/{}.csv'.format(n))", [("read", "file", "d/\0.csv")]),
    "path object": ("(Path('d') / 'a.txt').read_text()", [("read", "file", "d/a.txt")]),
    "dictionary": ("c = {'p': 'E:/a.csv'}\npd.read_csv(c['p'])", [("unknown", "file", "E:/a.csv"), ("read", "file", "E:/a.csv")]),
    "class": ("class C:\n    d = '/data/x/'\npd.read_csv(C.d + 'a.csv')", [("assign", "folder", "/data/x/"), ("read", "file", "/data/x/a.csv")]),
    "rebound": ("p = 'a.csv'\np = f()\npd.read_csv(p)", [("assign", "file", "a.csv")]),
    "parameter hides": ("p = 'a.csv'\ndef f(p):\n    pd.read_csv(p)", [("assign", "file", "a.csv")]),
    "address": ("pd.read_csv('https://x.y/a.csv')", [("read", "url", "https://x.y/a.csv")]),
    "downloader": ("urllib.request.urlretrieve('https://x.y/a.csv', 'a.csv')", [("fetch", "url", "https://x.y/a.csv"), ("write", "file", "a.csv")]),
    "seaborn's own": ("sns.load_dataset('tips')", []),
    "list of files": ("load_all(['a.csv', 'b.csv'])", [("unknown", "file", "a.csv"), ("unknown", "file", "b.csv")]),
}


@pytest.mark.parametrize(("source", "expected"), USES.values(), ids=USES.keys())
def test_uses(source: str, expected: list[tuple[str, str, str]]) -> None:
    uses, _ = path_uses(source, 0, {})
    assert [(use.access, use.kind, use.value) for use in uses] == expected


def test_every_part_knows_its_place() -> None:
    first, second = "größe = 'ü'; d = r'D:\\x'", "pd.read_csv(d + f'/{n}.csv')"
    _, known = path_uses(first, 0, {})
    uses, _ = path_uses(second, 1, known)
    sources = (first, second)
    assert [(p.text, sources[p.owner][p.start : p.end] if p.is_literal else "") for p in uses[0].text] == [
        ("D:\\x", "r'D:\\x'"), ("/", "/"), (None, ""), (".csv", ".csv"),
    ]
