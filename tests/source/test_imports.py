"""The imports of a module: only what it uses, in three groups."""

from __future__ import annotations

import pytest

from ferrata.source.imports import without_modules, write_imports

CASES: dict[str, tuple[list[str], set[str], str]] = {
    "what is not used falls away": (["import numpy as np", "from math import sin, cos"], set(), ""),
    "one name of several": (["from math import sin, cos"], {"cos"}, "from math import cos"),
    "an alias is what counts": (["import pandas as pd"], {"pandas"}, ""),
    "an alias": (["import pandas as pd"], {"pd"}, "import pandas as pd"),
    "an alias that is the name": (["import pandas as pandas"], {"pandas"}, "import pandas"),
    "a module in a package": (["import matplotlib.pyplot"], {"matplotlib"}, "import matplotlib.pyplot"),
    "several on one line": (["import os, sys, numpy"], {"os", "numpy"}, "import os\n\nimport numpy"),
    "said twice": (["import numpy as np", "import numpy as np"], {"np"}, "import numpy as np"),
    "two lines of one module": (["from sklearn.svm import SVC", "from sklearn.svm import SVR"], {"SVC", "SVR"}, "from sklearn.svm import SVC, SVR"),
    "a star that is not needed": (["from numpy import *"], {"sin"}, ""),
    "a module of the future comes first": (["import numpy as np", "from __future__ import division"], {"np", "division"},
                                           "from __future__ import division\n\nimport numpy as np"),
}


@pytest.mark.parametrize("name", CASES)
def test_imports(name: str) -> None:
    sources, used, expected = CASES[name]
    assert write_imports(sources, used, []) == expected


def test_groups_and_order() -> None:
    sources = ["import xgboost", "from sklearn.svm import SVC", "import os", "import numpy as np", "from Bio import Seq"]
    own = ["from scores import record", "from artifacts import load"]
    assert write_imports(sources, {"xgboost", "SVC", "os", "np", "Seq"}, own) == (
        "import os\n\nimport numpy as np\nimport xgboost\nfrom Bio import Seq\nfrom sklearn.svm import SVC\n\n"
        "from artifacts import load\nfrom scores import record"
    )


def test_a_star_that_is_needed_stays() -> None:
    assert write_imports(["from numpy import *", "from math import *"], set(), [], {"numpy"}) == "from numpy import *"


def test_a_long_line_is_wrapped_and_still_says_the_same() -> None:
    names = [f"a_very_long_function_name_{number}" for number in range(8)]
    text = write_imports([f"from library import {', '.join(names)}"], set(names), [])
    assert max(map(len, text.split("\n"))) <= 120
    assert text == "from library import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def test_modules_beside_are_told_apart() -> None:
    sources = ["import os, features", "from features import add as more", "from features.text import clean", "import featuresque", "x = 1"]
    beside = ["import features", "from features import add as more", "from features.text import clean"]
    assert without_modules(sources, {"features"}) == (["import os", "import featuresque"], beside)
    assert without_modules(sources[1:2], set()) == (["from features import add as more"], [])
