"""Train the model that `only_predicts.ipynb` loads: `python tests/notebooks/make_model.py`, in an environment with scikit-learn.

Its bytes depend on the release of scikit-learn, so the file is kept and this says where it came from.
"""

from __future__ import annotations

import joblib
import pandas as pd
from make_data import HERE, patients, random, write_table
from sklearn.linear_model import LogisticRegression


def main() -> None:
    table = HERE / "only_predicts" / "old_patients.csv"
    write_table(table, patients(random.Random(99)))
    old = pd.read_csv(table).dropna()
    table.unlink()
    model = LogisticRegression(max_iter=2000).fit(old[["Age", "BMI", "Glucose", "BloodPressure"]], old["Outcome"])
    joblib.dump(model, HERE / "only_predicts" / "model.joblib")


if __name__ == "__main__":
    main()
