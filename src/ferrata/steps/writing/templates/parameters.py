"""The parameters of the pipeline, from params.yaml."""

from pathlib import Path

import yaml


def load_params(path="params.yaml"):
    """Return the parameters as nested dictionaries."""
    return yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
