"""Notebooks in miniature that read files of images, each in another way."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

IMPORTS = """import glob
import os
import random
import numpy as np
import pandas as pd
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, StandardScaler"""
SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)"
ASK = """model = LogisticRegression(max_iter=300)
model.fit(X_train, y_train)
y_pred = model.predict(X_test)
print(accuracy_score(y_test, y_pred))"""

EACH = """for name in os.listdir("squares/{0}"):
    X.append(np.array(Image.open("squares/{0}/" + name).resize((4, 4))).ravel())
    y.append({1})"""


def write_images(folder: Path, each: int = 8) -> None:
    """Bright, dark and striped squares in three folders, of different sizes, and `files.csv` that names them."""
    from PIL import Image

    chance, lines = random.Random(5), ["file,kind"]
    for kind in ("bright", "dark", "striped"):
        (folder / "squares" / kind).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            size = (chance.randint(10, 20), chance.randint(10, 20))
            image = Image.new("RGB", size)
            image.putdata([_pixel(kind, place, chance) for place in range(size[0] * size[1])])
            image.save(folder / "squares" / kind / f"{kind}{number}.png")
            lines.append(f"{kind}/{kind}{number}.png,{kind}")
    (folder / "files.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _pixel(kind: str, place: int, chance: random.Random) -> tuple[int, int, int]:
    level = {"bright": 180, "dark": 30, "striped": 30 if place % 2 else 180}[kind]
    return (level + chance.randint(0, 60), level + chance.randint(0, 40), level)


@dataclass(frozen=True)
class Case:
    """`holds` and `lacks`: pieces that the rewritten statements must hold, or not; `whole`: goes the whole way in the tests, `first` in `make test`."""

    name: str
    cells: tuple[str, ...]
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    labels: tuple[str, ...] = ("bright", "dark", "striped")
    whole: bool = False
    first: bool = False


PROVED = (
    Case("a loop over folders, pairs of image and label shuffled, the mean of all pixels", (
        IMPORTS, 'KINDS = ["bright", "dark", "striped"]\nSIZE = 6',
        """data = []
for kind in KINDS:
    for name in os.listdir(os.path.join("squares", kind)):
        try:
            image = Image.open(os.path.join("squares", kind, name)).convert("L")
            image = image.resize((SIZE, SIZE))
            data.append([np.asarray(image), KINDS.index(kind)])
        except OSError:
            pass""",
        "random.seed(1)\nrandom.shuffle(data)", "X, y = [], []\nfor features, label in data:\n    X.append(features)\n    y.append(label)",
        "X = np.array(X).reshape(-1, SIZE * SIZE)\ny = np.array(y)\nX = (X - X.mean()) / X.std()", SPLIT, ASK,
    ), ("for path in images:", "data.append([np.asarray(image), None])", "(X - state.mean) / state.std", "X = []\nfor features, label in data:"),
        ("KINDS", "try", "listdir"), whole=True, first=True),
    Case("a function that gives arrays, a scaler and a projection", (
        IMPORTS, """def load(folder, size):
    images, y = [], []
    for kind in sorted(os.listdir(folder)):
        for name in os.listdir(os.path.join(folder, kind)):
            if not name.endswith(".png"):
                continue
            path = os.path.join(folder, kind, name)
            with Image.open(path) as image:
                image = image.convert("RGB")
                image = image.resize((size, size), Image.BICUBIC)
                images.append(np.asarray(image).ravel() / 255)
            y.append(kind)
    return np.array(images), np.array(y)""",
        'X, y = load("squares", 5)', SPLIT,
        "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\nX_test = scaler.transform(X_test)",
        "pca = PCA(n_components=4, random_state=0)\nX_train = pca.fit_transform(X_train)\nX_test = pca.transform(X_test)", ASK,
    ), (
        "for path in images:", "X, y = load(None, 5)", "return np.array(images), None", "state.scaler.transform(X_test)", "state.pca.transform(X_test)",
    ), ("squares",), whole=True),
    Case("a comprehension over paths, one of labels", (
        IMPORTS, 'files = sorted(glob.glob("squares/*/*.png"))',
        "def read(path):\n    return np.asarray(Image.open(path).convert('L').resize((6, 6))).flatten()",
        "X = np.array([read(file) for file in files])\ny = np.array([file.split(os.sep)[1] for file in files])", SPLIT, ASK,
    ), ("X = np.array([read(file) for file in images])",), ("files",)),
    Case("files named in a table", (
        IMPORTS, 'table = pd.read_csv("files.csv")',
        "def read(name):\n    return np.asarray(Image.open(os.path.join('squares', name)).resize((4, 4))).flatten() / 255.0",
        'X = np.stack(table["file"].apply(read))\ny = LabelEncoder().fit_transform(table["kind"])', SPLIT, ASK,
    ), (".apply(read)",), ("table",)),
    Case("images and labels in a Bunch, folders as paths of pathlib", (
        IMPORTS + "\nfrom pathlib import Path\nfrom sklearn.utils import Bunch", """def gather(place, size=(4, 4)):
    folders = [folder for folder in Path(place).iterdir() if folder.is_dir()]
    names = [folder.name for folder in folders]
    flat, images, target = [], [], []
    for number, folder in enumerate(folders):
        for file in sorted(folder.iterdir()):
            image = np.asarray(Image.open(file).resize(size)) / 255
            flat.append(image.flatten())
            images.append(image)
            target.append(number)
    flat = np.array(flat)
    target = np.array(target)
    print(len(target), "images")
    return Bunch(data=flat, target=target, target_names=names, images=np.array(images))""",
        'found = gather("squares")',
        "X_train, X_test, y_train, y_test = train_test_split(found.data, found.target, test_size=0.3, random_state=0)", ASK,
    ), ("Bunch(data=flat, target=None, target_names=None, images=np.array(images))", "found = gather(None)", "X_test = found.data"),
        ("folders", "names =", "print(")),
    Case("a loop for each class, one after the other", (
        IMPORTS, "X, y = [], []", EACH.format("bright", 0), EACH.format("dark", 1), "X = np.array(X) / 255", SPLIT, ASK,
    ), ("for path in images:\n    X.append(np.array(Image.open(path)",), ("squares",)),
    Case("an array made before, filled place by place", (
        IMPORTS, 'files = sorted(glob.glob("squares/*/*.png"))\ny = np.array([os.path.basename(os.path.dirname(file)) for file in files])',
        "def load(path):\n    return np.asarray(Image.open(path).convert('L').resize((6, 6)))",
        "X = np.zeros((len(files), 6, 6), dtype=np.float32)\nfor i, file in enumerate(files):\n    X[i] = load(file) / 255",
        "X = X.reshape(len(files), -1)", SPLIT, ASK,
    ), ("X = np.zeros((len(images), 6, 6), dtype=np.float32)", "for i, file in enumerate(images):", "X[i] = load(file) / 255",
        "X = X.reshape(len(X), -1)"), ("files",), whole=True),
    Case("a function that fills an array with a counter, and labels beside it", (
        IMPORTS, """def read_all(folder, count, size=5):
    X = np.empty((count, size, size, 3), dtype=np.uint8)
    y = np.zeros(count, dtype=int)
    place = 0
    for number, kind in enumerate(sorted(os.listdir(folder))):
        for name in sorted(os.listdir(os.path.join(folder, kind))):
            image = Image.open(os.path.join(folder, kind, name)).convert("RGB").resize((size, size))
            X[place, :, :, :] = np.asarray(image)
            y[place] = number
            place += 1
    return X, y""", "X, y = read_all('squares', 24)\nX = X.reshape(len(X), -1) / 255", SPLIT, ASK,
    ), ("X = np.empty((len(images), size, size, 3), dtype=np.uint8)", "for place, path in enumerate(images):", "X[place, :, :, :] = np.asarray(image)",
        "X, y = read_all(None, None)"), ("y[place]", "place += 1", "squares", "y = np.zeros")),
    Case("features in a table, with the label as a column of it", (
        IMPORTS, 'kinds = ["bright", "dark", "striped"]\nfeatures = []\nlabels = []',
        """for number, kind in enumerate(kinds):
    for name in os.listdir("squares/" + kind):
        image = np.asarray(Image.open("squares/" + kind + "/" + name).convert("L").resize((3, 3)))
        features.append(image.ravel())
        labels.append(number)""",
        'df = pd.DataFrame(data=features, columns=[f"x{i}" for i in range(len(features[0]))])\nlabels = np.array(labels)\ndf["label"] = labels',
        'X = df.drop(["label"], axis="columns")\ny = df.label', SPLIT, ASK,
    ), ("df['label'] = None", 'X = df.drop(["label"], axis="columns", errors="ignore")'), ("labels.append", "kinds")),
)
