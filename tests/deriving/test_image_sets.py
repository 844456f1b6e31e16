"""Data sets of images that keras and TensorFlow read, as the prediction function says them: without batches, order and labels."""

from __future__ import annotations

import ast

import pytest

from ferrata.steps.deriving.images.datasets import Rewriting
from ferrata.steps.deriving.images.readings import ASKED, Readings
from ferrata.steps.deriving.images.trimming import without_label
from ferrata.steps.deriving.places import Stuck

FUNCTIONS = """
def scale(image, label):
    return image / 255, label

def load(path):
    return tf.image.decode_jpeg(tf.io.read_file(path))

def load_pair(path, label):
    return load(path), label

def prepare(ds, augment=False, cache=True):
    ds = ds.map(scale, num_parallel_calls=AUTOTUNE)
    if cache:
        ds = ds.cache()
    if augment:
        ds = ds.map(flip)
    return ds.prefetch(8)

def parts(ds, share=0.8, shuffle=True):
    assert share < 1
    size = len(ds)
    if shuffle:
        ds = ds.shuffle(100, seed=12)
    count = int(size * share)
    train = ds.take(count)
    test = ds.skip(count)
    return train, test

def guess(ds):
    if len(ds) > 3:
        ds = ds.map(scale)
    return ds
"""
FOLDER = "keras.utils.image_dataset_from_directory('shapes', image_size=(8, 8), batch_size=4, shuffle=True, seed=1)"
STACKED = "tf.stack([decoded(file, (8, 8)) for file in images])"
PATHS = "[str(path) for path in images]"

# (the author's expression, what stands in its place)
WRITTEN = (
    ("3 + 4", None),
    ("model.predict(x)", None),
    (FOLDER, STACKED),
    (f"{FOLDER}.shuffle(100).cache().prefetch(1).take(3)", STACKED),
    (f"{FOLDER}.map(lambda x, y: (x / 255, y))", f"(lambda x, y: (x / 255, y))({STACKED}, no_labels)[0]"),
    (f"{FOLDER}.map(scale)", f"scale({STACKED}, no_labels)[0]"),
    (f"{FOLDER}.map(lambda x, y: x)", f"(lambda x, y: x)({STACKED}, no_labels)"),
    (f"parts({FOLDER})", STACKED),
    (f"prepare({FOLDER})", f"scale({STACKED}, no_labels)[0]"),
    ("keras.utils.image_dataset_from_directory('d', labels=None)", "tf.stack([decoded(file, (256, 256)) for file in images])"),
    ("keras.utils.image_dataset_from_directory('d', labels=None).map(net)", "net(tf.stack([decoded(file, (256, 256)) for file in images]))"),
    ("keras.utils.image_dataset_from_directory('d', batch_size=None).batch(9)", "tf.stack([decoded(file, (256, 256)) for file in images])"),
    ("tf.data.Dataset.from_tensor_slices(paths).map(load).batch(8)", f"tf.stack([load(each) for each in {PATHS}])"),
    ("tf.data.Dataset.list_files('d/*').map(lambda p: (load(p), kind_of(p)))", f"[(lambda p: (load(p), None))(each)[0] for each in {PATHS}]"),
    ("tf.data.Dataset.from_tensor_slices((paths, y)).map(load_pair).batch(8)", f"tf.stack([load_pair(each, 0)[0] for each in {PATHS}])"),
    ("gen.flow_from_directory('d', target_size=(9, 9), class_mode='binary')", "np.stack([gen.standardize(decoded(file, (9, 9))) for file in images])"),
    ("gen.flow_from_dataframe(df, x_col='file', y_col='kind')", "np.stack([gen.standardize(decoded(file, (256, 256))) for file in images])"),
)


def rewriting() -> Rewriting:
    return Rewriting({node.name: node for node in ast.parse(FUNCTIONS).body if isinstance(node, ast.FunctionDef)})


@pytest.mark.parametrize(("expression", "text"), WRITTEN)
def test_a_data_set_is_the_images_that_are_asked_about(expression: str, text: str | None) -> None:
    made = rewriting().of(ast.parse(expression, mode="eval").body)
    assert (made.text.replace(ASKED, "images") if made else None) == text


TRIMMED = (
    # (the author's function, what is left of it)
    ("def f(path, label):\n    return load(path), label", None),
    ("def f(path):\n    return load(path), 0", None),
    ("def f(path):\n    return load(path)", None),
    ("def f(path):\n    if path:\n        return load(path), 1\n    return load(path), kind_of(path)", None),
    ("def f(path):\n    return load(path), kind_of(path)", "def f(path):\n    return load(path), None"),
    (
        "def f(path):\n    parts = split(path)\n    label = parts[-2] == KINDS\n    image = load(path)\n    image = image / 255\n    return image, label",
        "def f(path):\n    image = load(path)\n    image = image / 255\n    return image, None",
    ),
    (
        'def f(path):\n    """Read."""\n    size = 8\n    tf.print(path)\n    return load(path, size), kind_of(path, size)',
        'def f(path):\n    """Read."""\n    size = 8\n    tf.print(path)\n    return load(path, size), None',
    ),
)


@pytest.mark.parametrize(("source", "left"), TRIMMED)
def test_a_label_made_beside_the_image_falls_away(source: str, left: str | None) -> None:
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    readings = Readings(without_label(3, source, function))
    assert readings.without_labels(3, source) == (left or source)
    assert bool(readings.found) is (left is not None)


def test_functions_that_give_pairs_are_noted_through_the_authors_own() -> None:
    found = rewriting()
    found.of(ast.parse("prepare(tf.data.Dataset.from_tensor_slices((paths, y)).map(load_pair).map(scale))", mode="eval").body)
    assert found.paired == {"load_pair", "scale"}


HELPERS = (
    (FOLDER, ("channels=3", 'method="bilinear"')),
    ("keras.utils.image_dataset_from_directory('d', color_mode='grayscale', interpolation='nearest')", ("channels=1", 'method="nearest"')),
    ("keras.utils.image_dataset_from_directory('d', crop_to_aspect_ratio=True)", ("smart_resize(image, size",)),
    ("gen.flow_from_directory('d')", ('color_mode="rgb"', 'interpolation="nearest"')),
    ("gen.flow_from_directory('d', (8, 8), 'grayscale', interpolation='bicubic')", ('color_mode="grayscale"', 'interpolation="bicubic"')),
)


@pytest.mark.parametrize(("expression", "pieces"), HELPERS)
def test_files_are_opened_as_the_call_says(expression: str, pieces: tuple[str, ...]) -> None:
    found = rewriting()
    found.of(ast.parse(expression, mode="eval").body)
    assert found.decoder and [piece for piece in pieces if piece not in found.decoder.helper] == []


REFUSED = (
    ("keras.utils.image_dataset_from_directory('d', color_mode=MODE)", "computed"),
    ("keras.utils.image_dataset_from_directory('d', pad_to_aspect_ratio=True)", "padded"),
    (f"{FOLDER}.window(3)", "window"),
    (f"guess({FOLDER})", "decides"),
    (f"prepare({FOLDER}, augment=AUGMENT)", "decides"),
)


@pytest.mark.parametrize(("expression", "why"), REFUSED)
def test_what_cannot_be_told_is_said(expression: str, why: str) -> None:
    with pytest.raises(Stuck, match=why):
        rewriting().of(ast.parse(expression, mode="eval").body)
