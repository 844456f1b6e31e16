"""The observer beside torch and keras, in an environment of their own."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.heavy

TORCH = [
    "import torch\nfrom torch import nn",
    "torch.manual_seed(0)",
    "X, y = torch.randn(64, 3), torch.randn(64, 1)",
    "model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 1))",
    "held = {'net': model}",
    "optimizer = torch.optim.Adam(model.parameters())\nloss_function = nn.MSELoss()",
    "loss = loss_function(model(X), y)",
    "loss.backward()",
    "optimizer.step()",
    "optimizer.zero_grad()",
    "model.eval()",
    "with torch.no_grad():\n    p = model(X)",
    "model.train()",
    "for epoch in range(3):\n    out = model(X)\n    loss = loss_function(out, y)\n    optimizer.zero_grad()\n    loss.backward()\n"
    "    optimizer.step()\n    print(f'{epoch} {loss.item():.4f}')",
    "model[0].weight.shape",
    "view = X.numpy()",
    "X.add_(1)",
    "torch.set_default_dtype(torch.float64)",
    "torch.use_deterministic_algorithms(True)",
]
TORCH_EXPECTED: dict[int, dict[str, Any]] = {
    1: {"seeds": ["torch"], "consumes": []},
    2: {"consumes": ["torch"]},
    3: {"consumes": ["torch"], "binds": ["model"]},
    6: {"consumes": ["torch"], "mutates": []},
    7: {"mutates": ["held", "model", "optimizer"]},
    8: {"mutates": ["held", "model", "optimizer"]},
    9: {"mutates": ["held", "model", "optimizer"]},
    10: {"mutates": ["held", "model"]},
    11: {"mutates": [], "consumes": [], "binds": ["p"], "state": []},
    13: {"mutates": ["held", "model", "optimizer"], "binds": ["epoch", "loss", "out"]},
    14: {"mutates": []},
    16: {"mutates": ["X", "view"], "state": []},
    17: {"state": ["torch.config"]},
    18: {"state": ["torch.config"]},
}


def test_torch(networks: Any) -> None:
    seen = networks(TORCH)
    assert seen.status == 0, seen.error
    assert {i: {key: seen[i][key] for key in expected} for i, expected in TORCH_EXPECTED.items()} == TORCH_EXPECTED
    fits = [(c["kind"], c["receiver_name"], c["model"]) for i in (8, 13) for c in seen[i]["calls"]]
    assert fits == [("fit", "model", "network")] * 2
    assert [(c["kind"], c["rows"]) for c in seen[11]["calls"]] == [("predict", 64)]
    assert [n["role"] for n in seen[13]["numbers"]].count("printed") == 6


def test_torch_repeats(networks: Any) -> None:
    free = ["import torch", "torch.rand(2)", "torch.nn.Linear(2, 2).weight"]
    runs = [networks(*free, seed=seed) for seed in (4, 4, 5)]
    shown = [[s["displayed"] for s in run.statements] for run in runs]
    assert shown[0] == shown[1] != shown[2]
    trained = [[v["fingerprint"] for s in networks(TORCH).statements for v in s["values"]] for _ in range(2)]
    assert trained[0] == trained[1]


KERAS = [
    "import numpy as np, keras",
    "keras.utils.set_random_seed(3)",
    "X, y = np.random.rand(64, 3), np.random.rand(64)",
    "model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])",
    "encoder = keras.Model(model.inputs, model.layers[0].output)",
    "model.compile(optimizer='adam', loss='mse', metrics=['mae'])",
    "history = model.fit(X, y, epochs=2, verbose=0)",
    "model.evaluate(X, y, verbose=0)",
    "p = model.predict(X, verbose=0)",
    "model.summary()",
    "model.layers[0].trainable = False",
    "import tensorflow as tf\noptimizer = keras.optimizers.SGD(0.1)",
    "@tf.function\ndef step(x, t):\n    with tf.GradientTape() as tape:\n        loss = tf.reduce_mean((model(x) - t) ** 2)\n"
    "    grads = tape.gradient(loss, model.trainable_variables)\n    optimizer.apply_gradients(zip(grads, model.trainable_variables))\n    return loss",
    "value = step(tf.ones((2, 3)), tf.ones((2, 1)))",
    "tf.config.experimental.enable_op_determinism()",
    "keras.config.set_floatx('float64')",
]
KERAS_EXPECTED: dict[int, dict[str, Any]] = {
    2: {"consumes": ["numpy"]},
    3: {"consumes": ["random"], "state": []},
    5: {"mutates": ["model"]},
    6: {"mutates": ["encoder", "model"], "binds": ["history"], "consumes": ["tensorflow"]},
    7: {"mutates": [], "binds": []},
    8: {"mutates": [], "binds": ["p"]},
    9: {"mutates": []},
    13: {"mutates": ["model", "optimizer"], "reads": ["model", "optimizer", "step", "tf"], "state": []},
    14: {"state": ["tensorflow.config"]},
    15: {"state": ["keras.config"]},
}


def test_keras(networks: Any) -> None:
    runs = [networks(KERAS) for _ in range(2)]
    seen = runs[0]
    assert seen.status == 0, seen.error
    assert set(seen[1]["seeds"]) >= {"numpy", "random", "tensorflow"} and not seen[1]["consumes"]
    assert {i: {key: seen[i][key] for key in expected} for i, expected in KERAS_EXPECTED.items()} == KERAS_EXPECTED
    assert "model" in seen[10]["mutates"]
    evaluated = seen[7]["calls"][0]
    assert (evaluated["kind"], evaluated["model"], evaluated["predictions"], evaluated["seen"]) == (
        "score",
        "network",
        "1.npz",
        1.0,
    )
    assert [n["role"] for n in seen[6]["numbers"]] == ["history"]
    assert set(seen[6]["numbers"][0]["value"]) == {"loss", "mae"}
    prints = [[(v["name"], v["fingerprint"]) for s in run.statements for v in s["values"]] for run in runs]
    assert prints[0] == prints[1]
