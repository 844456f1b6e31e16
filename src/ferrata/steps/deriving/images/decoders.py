"""How keras opens the files of a folder, as its own documentation and code say, for the arguments of the author's call."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ferrata.steps.deriving.images.readings import ASKED
from ferrata.steps.deriving.places import Stuck

_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}
_CROPPED = "keras.preprocessing.image.smart_resize"


@dataclass(frozen=True)
class Decoder:
    """`text` is the expression of all images, `helper` the function that it needs, `imports` what that needs."""

    text: str
    helper: str
    is_batch: bool
    is_labelled: bool
    imports: tuple[str, ...] = ()


def of_folder(node: ast.Call) -> Decoder:
    """`image_dataset_from_directory`: decoded and resized by TensorFlow, in numbers from 0 to 255."""
    named = _named(node, ("directory", "labels", "label_mode", "class_names", "color_mode", "batch_size", "image_size"))
    channels = _CHANNELS.get(_text(named.get("color_mode"), "rgb"))
    if channels is None:
        raise Stuck("the colour mode of a data set of images is computed")
    if _is_true(named.get("pad_to_aspect_ratio")):
        raise Stuck("a data set of images that are padded")
    size = ast.unparse(named["image_size"]) if "image_size" in named else "(256, 256)"
    method = _text(named.get("interpolation"), "bilinear")
    resized = f'tf.image.resize(image, size, method="{method}")'
    imports: tuple[str, ...] = ("import tensorflow as tf",)
    if _is_true(named.get("crop_to_aspect_ratio")):
        resized, imports = f'{_CROPPED}(image, size, interpolation="{method}")', (*imports, "import keras")
    helper = (
        f'def decoded(file, size):\n    """One file, a path or its content, as `image_dataset_from_directory` gives it to the notebook."""\n'
        "    content = file if isinstance(file, bytes) else tf.io.read_file(file)\n"
        f"    image = tf.io.decode_image(content, channels={channels}, expand_animations=False)\n    return {resized}\n"
    )
    is_batch = not _is_none(named.get("batch_size"))
    is_labelled = not _is_none(named.get("labels"), "") and not _is_none(named.get("label_mode"), "")
    each = f"[decoded(file, {size}) for file in {ASKED}]"
    return Decoder(f"tf.stack({each})" if is_batch else each, helper, is_batch, is_labelled, imports)


def of_generator(node: ast.Call) -> Decoder:
    """`ImageDataGenerator(…).flow_from_directory(…)`: opened by Pillow, then scaled by the generator; what it changes at random falls away."""
    assert isinstance(node.func, ast.Attribute)
    is_table = node.func.attr == "flow_from_dataframe"
    places = ("dataframe", "directory", "x_col", "y_col", "weight_col", "target_size", "color_mode") if is_table else ("directory", "target_size", "color_mode")
    named = _named(node, places)
    size = ast.unparse(named["target_size"]) if "target_size" in named else "(256, 256)"
    mode, method = _text(named.get("color_mode"), "rgb"), _text(named.get("interpolation"), "nearest")
    helper = (
        f'def decoded(file, size):\n    """One file, a path or its content, as `{node.func.attr}` opens it for the notebook."""\n'
        f"    opened = io.BytesIO(file) if isinstance(file, bytes) else file\n"
        f'    image = keras.utils.load_img(opened, color_mode="{mode}", target_size=size, interpolation="{method}")\n'
        "    return keras.utils.img_to_array(image)\n"
    )
    owner = ast.unparse(node.func.value)
    is_labelled = not _is_none(named.get("class_mode"), "")
    return Decoder(f"np.stack([{owner}.standardize(decoded(file, {size})) for file in {ASKED}])", helper, True, is_labelled, ("import io", "import keras"))


def _named(node: ast.Call, places: tuple[str, ...]) -> dict[str, ast.expr]:
    return dict(zip(places, node.args, strict=False)) | {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}


def _text(node: ast.expr | None, usual: str) -> str:
    if node is None:
        return usual
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise Stuck(f"`{ast.unparse(node)}` says how images are opened, and is computed")


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_none(node: ast.expr | None, usual: str | None = "") -> bool:
    return isinstance(node, ast.Constant) and node.value is None if node is not None else usual is None
