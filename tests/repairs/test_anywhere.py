# ruff: noqa: E501
"""Rules that the text alone decides: what must stay, then before and after."""

from __future__ import annotations

from collections.abc import Callable

import pytest

OLD = {
    "python": "3.8.18",
    "pandas": "1.0.5",
    "numpy": "1.19.0",
    "scikit-learn": "0.23.1",
    "matplotlib": "3.2.0",
    "seaborn": "0.10.0",
    "scipy": "1.5.0",
}

UNCHANGED = {
    "list append": ["import pandas as pd", "rows = []", "rows.append({'a': 1})"],
    "unknown append": ["import pandas as pd", "def add(rows, one):\n    rows.append(one)"],
    "items of a dict": ["for key, value in d.items(): pass"],
    "np.bool is NumPy's today": ["import numpy as np", "x.astype(np.bool)"],
    "own function of an old name": ["def plot_roc_curve(m): pass", "plot_roc_curve(1)"],
    "own variable called np": ["np = Settings()", "np.NaN"],
    "keyword of another function": ["from mine import OneHotEncoder", "OneHotEncoder(sparse=False)"],
    "positional data of seaborn": ["import seaborn as sns, pandas as pd", "df = pd.read_csv('a')", "sns.boxplot(df)"],
    "period keeps M": ["import pandas as pd", "pd.period_range('2020', periods=3, freq='M')"],
    "day frequency": ["df.resample('D').sum()"],
    "text replaced": ["'a'.replace('a', 'b')"],
    "drop of one argument": ["df.drop('a')"],
    "shuffled seed": ["from sklearn.model_selection import KFold", "KFold(5, shuffle=True, random_state=0)"],
    "multi_class with a meaning": ["from sklearn.linear_model import LogisticRegression", "LogisticRegression(multi_class='ovr')"],
    "normalize with a meaning": ["from sklearn.linear_model import Ridge", "Ridge(normalize=True)"],
    "auto of both": ["from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor", "grid = {'max_features': ['auto']}"],
    "starred arguments": ["from sklearn.model_selection import KFold", "KFold(*options)"],
    "predict_classes of an unknown model": ["model.predict_classes(X)"],
    "ix of a mixture": ["df.ix[3, 0:2]"],
    "style of matplotlib": ["import matplotlib.pyplot as plt", "plt.style.use('ggplot')"],
    "load_boston has no substitute": ["from sklearn.datasets import load_boston"],
    "text that is a name": ["print('np.NaN, df.ix[0], sns.factorplot')"],
}

CHANGED = {
    "moved module": (["from sklearn.cross_validation import train_test_split, KFold"], "from sklearn.model_selection import train_test_split, KFold"),
    "one of two names moved": (
        ["from sklearn.preprocessing import Imputer, StandardScaler"],
        "from sklearn.preprocessing import StandardScaler\nfrom sklearn.impute import SimpleImputer",
    ),
    "moved module kept by its name": (["from sklearn import cross_validation"], "from sklearn import model_selection as cross_validation"),
    "use through the kept name": (
        ["from sklearn import cross_validation", "cross_validation.train_test_split(X)"],
        "cross_validation.train_test_split(X)",
    ),
    "externals": (["from sklearn.externals import joblib"], "import joblib"),
    "externals with a name": (["import sklearn.externals.joblib as jl"], "import joblib as jl"),
    "inside a try": (
        ["try:\n    from sklearn.externals import joblib\nexcept ImportError:\n    pass"],
        "try:\n    import joblib\nexcept ImportError:\n    pass",
    ),
    "class renamed in use": (["from sklearn.preprocessing import Imputer", "Imputer(strategy='mean', axis=0)"], "SimpleImputer(strategy='mean')"),
    "class renamed by the author": (["from sklearn.preprocessing import Imputer as I", "I(axis=0)"], "I()"),
    "display import": (["from sklearn.metrics import plot_roc_curve, auc"], "from sklearn.metrics import auc, RocCurveDisplay"),
    "display use": (
        ["from sklearn.metrics import plot_roc_curve", "plot_roc_curve(m, X, y, ax=ax)"],
        "RocCurveDisplay.from_estimator(m, X, y, ax=ax)",
    ),
    "display through its module": (
        ["from sklearn import metrics", "metrics.plot_confusion_matrix(m, X, y)"],
        "metrics.ConfusionMatrixDisplay.from_estimator(m, X, y)",
    ),
    "star import": (["from sklearn.metrics import *", "plot_roc_curve(m, X, y)"], "RocCurveDisplay.from_estimator(m, X, y)"),
    "numpy names": (["import numpy as np", "a = np.array([np.NaN, np.Inf], dtype=np.float)"], "a = np.array([np.nan, np.inf], dtype=float)"),
    "numpy function": (["import numpy as np", "np.in1d(a, b)"], "np.isin(a, b)"),
    "numpy through pandas": (["import pandas as pd", "import numpy as np", "pd.np.nan"], "np.nan"),
    "asscalar": (["import numpy as np", "x = np.asscalar(a[0])"], "x = a[0].item()"),
    "scipy interp": (["from scipy import interp", "interp(a, b, c)"], "interp(a, b, c)"),
    "scipy window": (["from scipy.signal import hanning"], "from scipy.signal.windows import hann"),
    "colormap": (["import matplotlib.pyplot as plt", "c = plt.cm.get_cmap('jet')"], "c = plt.get_cmap('jet')"),
    "keras module": (["from keras.layers.core import Dense, Dropout"], "from keras.layers import Dense, Dropout"),
    "two lines of one module": (["from keras.layers.normalization import BatchNormalization"], "from keras.layers import BatchNormalization"),
    "tf.keras stays tf.keras": (
        ["from tensorflow.keras.layers.experimental import preprocessing"],
        "from tensorflow.keras import layers as preprocessing",
    ),
    "np_utils": (["from keras.utils import np_utils"], "from keras import utils as np_utils"),
    "np_utils in use": (["from keras.utils import np_utils", "np_utils.to_categorical(y)"], "np_utils.to_categorical(y)"),
    "tokenizer": (["from keras.preprocessing.text import Tokenizer"], "from tensorflow.keras.preprocessing.text import Tokenizer"),
    "tokenizer of tf.keras": (
        ["from tensorflow.keras.preprocessing.text import Tokenizer"],
        "from tensorflow.keras.preprocessing.text import Tokenizer",
    ),
    "clock": (["import time", "t = time.clock()"], "t = time.perf_counter()"),
    "arima": (["from statsmodels.tsa.arima_model import ARIMA"], "from statsmodels.tsa.arima.model import ARIMA"),
    "arima forecast": (["from statsmodels.tsa.arima_model import ARIMA", "f, se, conf = r.forecast(5)"], "f = r.forecast(5)"),
    "profile": (["import pandas_profiling as pp"], "import ydata_profiling as pp"),
    "encoder": (
        ["from sklearn.preprocessing import OneHotEncoder", "OneHotEncoder(sparse=False, handle_unknown='ignore')"],
        "OneHotEncoder(sparse_output=False, handle_unknown='ignore')",
    ),
    "forest": (
        ["from sklearn.ensemble import RandomForestClassifier", "RandomForestClassifier(max_features='auto', n_estimators=9)"],
        "RandomForestClassifier(max_features='sqrt', n_estimators=9)",
    ),
    "forest of regressors": (
        ["import sklearn.ensemble", "sklearn.ensemble.RandomForestRegressor(max_features=\"auto\", criterion='mse')"],
        "sklearn.ensemble.RandomForestRegressor(max_features=1.0, criterion='squared_error')",
    ),
    "grid": (
        ["from sklearn.ensemble import RandomForestClassifier", "grid = {'rf__max_features': ['auto', 'log2']}"],
        "grid = {'rf__max_features': ['sqrt', 'log2']}",
    ),
    "argument gone, last": (["from sklearn.cluster import KMeans", "KMeans(3, n_jobs=-1)"], "KMeans(3)"),
    "argument gone, first": (["from sklearn.cluster import KMeans", "KMeans(n_jobs=-1, n_clusters=3)"], "KMeans(n_clusters=3)"),
    "argument gone, only": (["from sklearn.cluster import KMeans", "KMeans(n_jobs=-1)"], "KMeans()"),
    "arguments gone, both": (
        ["from sklearn.cluster import KMeans", "KMeans(n_clusters=3, n_jobs=-1, precompute_distances=True)"],
        "KMeans(n_clusters=3)",
    ),
    "argument gone over lines": (
        ["from sklearn.cluster import KMeans", "KMeans(\n    n_clusters=3,  # three\n    n_jobs=-1,\n)"],
        "KMeans(\n    n_clusters=3,\n)",
    ),
    "penalty": (
        ["from sklearn.linear_model import LogisticRegression", "LogisticRegression(penalty='none', multi_class='auto')"],
        "LogisticRegression(penalty=None)",
    ),
    "unshuffled seed": (["from sklearn.model_selection import KFold", "KFold(n_splits=5, random_state=7)"], "KFold(n_splits=5)"),
    "positions": (["from sklearn.model_selection import KFold", "KFold(5, True, 0)"], "KFold(5, shuffle=True, random_state=0)"),
    "positions in parentheses": (["from sklearn.svm import SVC", "SVC((1.0), 'rbf')"], "SVC(C=(1.0), kernel='rbf')"),
    "root mean squared error": (
        ["from sklearn.metrics import mean_squared_error", "e = mean_squared_error(y, p, squared=False)"],
        "from sklearn.metrics import root_mean_squared_error\ne = root_mean_squared_error(y, p)",
    ),
    "mean squared error": (["from sklearn import metrics", "metrics.mean_squared_error(y, p, squared=True)"], "metrics.mean_squared_error(y, p)"),
    "feature names": (["v.get_feature_names()"], "v.get_feature_names_out()"),
    "feature names as a list": (["v.get_feature_names().index('a')"], "v.get_feature_names_out().tolist().index('a')"),
    "resample": (["X, y = SMOTE().fit_sample(X, y)"], "X, y = SMOTE().fit_resample(X, y)"),
    "applymap": (["df.applymap(str)"], "df.map(str)"),
    "iteritems": (["for a, b in df.iteritems(): print(a)"], "for a, b in df.items(): print(a)"),
    "append a table": (
        ["import pandas as pd", "df = pd.read_csv('a')", "df = df.append(df, ignore_index=True)"],
        "df = pd.concat([df, df], ignore_index=True)",
    ),
    "append a row": (
        ["import pandas as pd", "df = pd.DataFrame()", "df = df.append({'a': 1}, ignore_index=True)"],
        "df = pd.concat([df, pd.DataFrame([{'a': 1}])], ignore_index=True)",
    ),
    "ix of labels": (["df.ix[3, 'a']"], "df.loc[3, 'a']"),
    "ix of positions": (["df.ix[:, 0:3]"], "df.iloc[:, 0:3]"),
    "fillna method": (["df = df.fillna(method='ffill', limit=2)"], "df = df.ffill(limit=2)"),
    "bad lines": (["import pandas as pd", "pd.read_csv('a', error_bad_lines=False)"], "pd.read_csv('a', on_bad_lines=\"warn\")"),
    "bad lines in silence": (
        ["import pandas as pd", "pd.read_csv('a', error_bad_lines=False, warn_bad_lines=False)"],
        "pd.read_csv('a', on_bad_lines=\"skip\")",
    ),
    "squeeze": (["import pandas as pd", "s = pd.read_csv('a', squeeze=True)"], "s = pd.read_csv('a').squeeze(\"columns\")"),
    "separator by position": (["import pandas as pd", "pd.read_csv('a', ';')"], "pd.read_csv('a', sep=';')"),
    "drop by position": (["df.drop(['a'], 1)"], "df.drop(['a'], axis=1)"),
    "drop by position in place": (["df.drop('a', 1, inplace=True)"], "df.drop('a', axis=1, inplace=True)"),
    "month": (["df.resample('M').mean()"], "df.resample('ME').mean()"),
    "hours": (["import pandas as pd", "pd.date_range('2020', periods=2, freq=\"12H\")"], "pd.date_range('2020', periods=2, freq=\"12h\")"),
    "group of columns": (["df.groupby('a')['b', 'c'].sum()"], "df.groupby('a')[['b', 'c']].sum()"),
    "value counts": (["import pandas as pd", "pd.value_counts(df['a'], normalize=True)"], "pd.Series(df['a']).value_counts(normalize=True)"),
    "mean deviation": (["import pandas as pd", "df = pd.read_csv('a')", "df['a'].mad()"], "(df['a'] - df['a'].mean()).abs().mean()"),
    "option": (["import pandas as pd", "pd.set_option('max_rows', 9)"], 'pd.set_option("display.max_rows", 9)'),
    "seaborn column": (["import seaborn as sns", "sns.countplot(df['a'])"], "sns.countplot(x=df['a'])"),
    "seaborn names": (["import seaborn as sns", "sns.barplot('a', 'b', data=df)"], "sns.barplot(x='a', y='b', data=df)"),
    "seaborn renamed": (["import seaborn as sns", "sns.factorplot('a', 'b', data=df, size=4)"], "sns.catplot(x='a', y='b', data=df, height=4)"),
    "style": (["import matplotlib.pyplot as plt", "plt.style.use('seaborn-whitegrid')"], "plt.style.use('seaborn-v0_8-whitegrid')"),
    "axes in 3d": (["fig.gca(projection='3d')"], "fig.add_subplot(projection='3d')"),
    "learning rate": (["from keras.optimizers import Adam", "Adam(lr=0.01)"], "Adam(learning_rate=0.01)"),
    "learning rate of tf.keras": (["import tensorflow as tf", "tf.keras.optimizers.Adam(lr=0.01)"], "tf.keras.optimizers.Adam(learning_rate=0.01)"),
    "decay": (
        ["from keras.optimizers import SGD", "o = SGD(lr=0.1, decay=1e-6, momentum=0.9)"],
        "from keras.optimizers.schedules import InverseTimeDecay\no = SGD(learning_rate=InverseTimeDecay(0.1, decay_steps=1, decay_rate=1e-6), momentum=0.9)",
    ),
    "keras 1 arguments": (
        ["from keras.layers import Dense", "Dense(output_dim=6, init='uniform', input_dim=3)"],
        "Dense(units=6, kernel_initializer='uniform', input_dim=3)",
    ),
    "classes by softmax": (["Dense(3, activation='softmax')", "p = model.predict_classes(X)"], "p = model.predict(X).argmax(axis=-1)"),
    "classes by threshold": (["Dense(1, activation='sigmoid')", "p = model.predict_classes(X)"], 'p = (model.predict(X) > 0.5).astype("int32")'),
    "unicode before the change": (["import numpy as np", "x = {'größe': np.NaN}"], "x = {'größe': np.nan}"),
    "two rules in one call": (
        ["import numpy as np", "from sklearn.cluster import KMeans", "KMeans(3, n_jobs=np.int(1), algorithm='auto')"],
        "KMeans(3, algorithm='lloyd')",
    ),
}


@pytest.mark.parametrize("sources", UNCHANGED.values(), ids=UNCHANGED)
def test_stays(sources: list[str], repaired: Callable[..., list[str]]) -> None:
    assert repaired(*sources) == sources


@pytest.mark.parametrize(("sources", "after"), CHANGED.values(), ids=CHANGED)
def test_changes(sources: list[str], after: str, repaired: Callable[..., list[str]]) -> None:
    assert repaired(*sources)[-1] == after


@pytest.mark.parametrize(("sources", "after"), CHANGED.values(), ids=CHANGED)
def test_second_repair_changes_nothing(sources: list[str], after: str, repaired: Callable[..., list[str]]) -> None:
    once = repaired(*sources)
    assert repaired(*once) == once


@pytest.mark.parametrize("name", ["applymap", "numpy names", "encoder", "append a table", "month", "style", "seaborn column", "display use"])
def test_old_packages_need_nothing(name: str, repaired: Callable[..., list[str]]) -> None:
    sources, _ = CHANGED[name]
    assert repaired(*sources, packages=OLD) == sources
