"""What a recorded call is."""

from __future__ import annotations

from ferrata.records.observation import Call

MODEL_KINDS = frozenset({"classifier", "regressor", "clusterer", "search", "network", "forecaster", "own"})


def is_model_fit(call: Call) -> bool:
    """A fit of something that predicts; encoders, scalers and samplers only prepare."""
    return call.kind == "fit" and call.model in MODEL_KINDS
