"""Causes in the libraries: a module that is not there, a name or argument that is gone, a call that does something else today."""

from __future__ import annotations

import re

from ferrata.steps.repairs.causes.scene import Answer, Scene
from ferrata.steps.repairs.rules.moved_names import since

# What went away without a successor: (name, library, since, the library's own words).
_GONE = {
    "load_boston": (
        "scikit-learn",
        "1.2",
        "its data set has an ethical problem; fetch_california_housing is the documentation's substitute",
    ),
    "Panel": ("pandas", "0.25", "use a table with a MultiIndex"),
    "create_distplot": ("plotly", "7", "use plotly.express.histogram"),
    "tsplot": ("seaborn", "0.10", "use lineplot"),
    "RandomizedLasso": ("scikit-learn", "0.21", ""),
    "RandomizedLogisticRegression": ("scikit-learn", "0.21", ""),
    "CategoricalEncoder": ("scikit-learn", "0.20", "use OneHotEncoder"),
    "Merge": ("keras", "2.2", "use concatenate or add"),
    "contrib": ("tensorflow", "2.0", ""),
    "placeholder": ("tensorflow", "2.0", "it is tf.compat.v1.placeholder"),
    "Session": ("tensorflow", "2.0", "it is tf.compat.v1.Session"),
    "ARMA": ("statsmodels", "0.13", "use statsmodels.tsa.arima.model.ARIMA"),
    "imread": ("scipy", "1.2", "use imageio"),
    "imresize": ("scipy", "1.3", "use PIL.Image.resize"),
}
_ONLY_THERE = {
    "google.colab": "Colab",
    "kaggle_secrets": "Kaggle",
    "kaggle_datasets": "Kaggle",
    "learntools": "Kaggle's courses",
    "dbutils": "Databricks",
}
_OF_PACKAGE = {
    "sklearn": "scikit-learn",
    "imblearn": "imbalanced-learn",
    "cv2": "opencv-python-headless",
    "skimage": "scikit-image",
    "PIL": "pillow",
}


def missing_module(scene: Scene) -> Answer | None:
    found = re.search(r"No module named '?([\w.]+)'?", scene.message) if scene.type in ("ModuleNotFoundError", "ImportError") else None
    if not found:
        return None
    module = found[1]
    top = module.partition(".")[0]
    where = next(
        (place for name, place in _ONLY_THERE.items() if module == name or module.startswith(name + ".") or name.startswith(module + ".")),
        "",
    )
    if where:
        return f"{scene.place} imports {module}, which exists only on {where}", "Read the data from a file beside the notebook instead."
    package = _OF_PACKAGE.get(top, top)
    if package in scene.packages and "." in module:
        version = since(module)
        gone = f", which {package} {version} removed" if version else f", which {package} {scene.packages[package]} does not have"
        return (
            f"{scene.place} imports {module}{gone}",
            f"Use its successor, or name an older {package} in a requirements.txt beside the notebook.",
        )
    return (
        f"{scene.place} imports {top}, which is neither installed nor a file beside the notebook",
        f"If it is a package, name it in a requirements.txt beside the notebook or in a `!pip install` line; "
        f"if it is your own, put {top}.py beside the notebook.",
    )


def removed_name(scene: Scene) -> Answer | None:
    """A function, class, method or attribute that the installed library does not have."""
    found = (
        scene.search(r"cannot import name '(?P<name>\w+)' from '(?P<owner>[\w.]+)'")
        or scene.search(r"[Mm]odule '(?P<owner>[\w.]+)' has no attribute '(?P<name>\w+)'")
        or scene.search(r"`(?P<owner>np)\.(?P<name>\w+)` was removed")
        or scene.search(r"'(?P<owner>\w+)' object has no attribute '(?P<name>\w+)'")
        or scene.search(r"type object '(?P<owner>\w+)' has no attribute '(?P<name>\w+)'")
    )
    removed = scene.search(r"`?(?P<name>\w+)`? has been removed from (?P<owner>[\w-]+)")
    found = found or removed
    if not found or found["owner"] in ("NoneType", "int", "float", "str", "list", "dict", "tuple", "function", "set", "bool"):
        return None
    return _gone(scene, found["owner"], found["name"])


def _gone(scene: Scene, owner: str, name: str) -> Answer:
    library = _library(scene, owner)
    if name in _GONE:
        package, version, advice = _GONE[name]
        todo = f"{advice[:1].upper()}{advice[1:]}." if advice else f"Name an older {package} in a requirements.txt beside the notebook."
        return f"{scene.place} uses `{name}`, which {package} removed in {version}", todo
    version = since(f"{owner}.{name}")
    if version:
        return (
            f"{scene.place} uses `{owner}.{name}`, which {library} {version} removed",
            f"Use its successor, or name an older {library} in a requirements.txt beside the notebook.",
        )
    installed = f"{library} {scene.packages[library]}" if library in scene.packages else owner
    return (
        f"{scene.place} uses `{name}` of {owner}, which {installed} does not have",
        f"Look up what became of `{name}` in the release notes of {library or owner}.",
    )


def _library(scene: Scene, owner: str) -> str:
    top = owner.partition(".")[0]
    package = {
        "np": "numpy",
        "DataFrame": "pandas",
        "Series": "pandas",
        "Styler": "pandas",
        "Sequential": "keras",
        "Functional": "keras",
        "tensorflow": "tensorflow-cpu",
    }.get(top, _OF_PACKAGE.get(top, top))
    if package in scene.packages:
        return package
    # The library whose code the traceback ends in.
    files = re.findall(r"site-packages/(\w+)/", scene.failure.traceback)
    return _OF_PACKAGE.get(files[-1], files[-1]) if files else package


def removed_argument(scene: Scene) -> Answer | None:
    found = scene.search(r"(?:(?P<function>[\w.<>]+)\(\) )?got an unexpected keyword argument '(?P<name>\w+)'")
    if found:
        function = (found["function"] or "a function").removesuffix(".__init__").replace("<lambda>", "a function")
        return (
            f"{scene.place} gives {function} the argument `{found['name']}`, which the installed version does not take",
            f"Look up what became of `{found['name']}` in the library's release notes.",
        )
    given = scene.search(
        r"(?P<function>[\w.]+)\(\) takes (?:from )?[\w ]+ positional arguments? but \d+ (?:were|was) given|too many positional arguments"
    )
    if given:
        function = (given["function"] or "a function").removesuffix(".__init__")
        return f"{scene.place} gives {function} arguments by position that have to be named today", "Write the arguments with their names."
    value = scene.search(r"The '(?P<name>\w+)' parameter of (?P<function>\w+) must be (?P<rule>.*?)\. Got (?P<got>.*?) instead")
    if value:
        return (
            f"{scene.place} sets {value['name']}={value['got']} of {value['function']}, which the installed version does not know",
            f"It must be {value['rule']}.",
        )
    return None


def changed_behaviour(scene: Scene) -> Answer | None:
    """Messages of pandas and NumPy for what they did silently before."""
    known = {
        r"could not convert string to float|Cannot perform reduction|does not support (?:operation|reduction)|has no kernel matching input types": (
            "computes with a column that holds text",
            "Choose the columns of numbers first (numeric_only=True), or encode the text.",
        ),
        r"Invalid value .* for dtype": (
            "puts a value into a column of another type, which pandas 3.0 refuses",
            "Change the column's type first, with astype(object).",
        ),
        r"inhomogeneous shape": ("makes an array of rows of different lengths, which NumPy 1.24 refuses", "Give dtype=object."),
        r"duplicate columns|columns overlap but no suffix": (
            "joins tables that have columns of the same name",
            "Give two different suffixes.",
        ),
        r"only 0-dimensional arrays can be converted": (
            "turns an array into one number, which NumPy 2.4 allows only without dimensions",
            "Take its element first, with .item().",
        ),
    }
    answer = next((value for pattern, value in known.items() if scene.search(pattern)), None)
    return (f"{scene.place} {answer[0]}: {scene.first_line}", answer[1]) if answer else None
