"""The Open Inference Protocol, version 2 (https://github.com/kserve/open-inference-protocol): the same contract as tensors, one for each input."""

from __future__ import annotations

from .contract import Contract, shown
from .problems import invalid

TYPES = {"integer": "INT64", "number": "FP64", "boolean": "BOOL"}
# A float that is whole is taken for an integer, and texts arrive as BYTES.
TAKEN = {"integer": {"INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"}, "number": {"FP16", "FP32", "FP64"}, "boolean": {"BOOL"}}
TAKEN["number"] |= TAKEN["integer"]


def metadata(contract: Contract, version: str) -> dict:
    return {
        "name": contract.name, "versions": [version], "platform": contract.signature.get("model", {}).get("type", "python"),
        "inputs": [{"name": field.name, "datatype": TYPES.get(field.type, "BYTES"), "shape": [-1]} for field in contract.fields],
        "outputs": [{"name": name, "datatype": kind, "shape": shape} for name, kind, shape in _outputs(contract)],
    }  # fmt: skip


def _outputs(contract: Contract):
    outputs = contract.signature["outputs"]
    yield "prediction", TYPES.get(outputs["prediction"]["type"], "BYTES"), [-1]
    if outputs.get("probabilities"):
        yield "probabilities", "FP64", [-1, len(outputs["prediction"].get("labels") or []) or -1]


def records_of(body, contract: Contract) -> list:
    """The rows of a request. Problem where it is not one of this protocol."""
    tensors = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(tensors, list) or not all(isinstance(tensor, dict) and isinstance(tensor.get("name"), str) for tensor in tensors):
        raise _invalid("inputs", "a list of tensors, each with name, shape, datatype and data", body)
    columns = {tensor["name"]: _values(tensor, contract) for tensor in tensors}
    missing = [field.name for field in contract.fields if field.name not in columns and not field.may_be_left_out]
    if missing or not columns:
        raise _invalid(missing[0] if missing else "inputs", "a tensor of this name", None)
    count = max(map(len, columns.values()))
    for name, values in columns.items():
        if len(values) != count:
            raise _invalid(name, f"{count} values, as the others have", values)
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def _values(tensor: dict, contract: Contract) -> list:
    name, data, shape, kind = tensor["name"], tensor.get("data"), tensor.get("shape"), tensor.get("datatype")
    field = next((field for field in contract.fields if field.name == name), None)
    if field is None:
        raise _invalid(name, f"one of {', '.join(contract.names[:10])}", None)
    if not isinstance(kind, str) or kind not in TAKEN.get(field.type, {"BYTES", "FP64", "FP32"} if field.type == "array" else {"BYTES"}):
        raise _invalid(f"{name}.datatype", TYPES.get(field.type, "BYTES"), kind)
    if not isinstance(shape, list) or not shape or not all(type(size) is int and size >= 0 for size in shape):
        raise _invalid(f"{name}.shape", "a list of sizes", shape)
    if not isinstance(data, list):
        raise _invalid(f"{name}.data", "a list", data)
    if field.type != "array" and len(data) == shape[0] and all(isinstance(row, list) and len(row) == 1 for row in data):
        data = [row[0] for row in data]  # nested as [n, 1]
    size = 1
    for each in shape if field.type != "array" else shape[:1]:
        size *= each
    if len(data) != size:
        raise _invalid(f"{name}.data", f"as many values as its shape {shape} has", data)
    return data


def _invalid(field: str, expected: str, value):
    return invalid([{"row": 0, "field": field, "expected": expected, "received": shown(value)}])


def response(answers: list, contract: Contract, version: str, given) -> dict:
    predictions = [answer["prediction"] for answer in answers]
    outputs = []
    for name, kind, _ in _outputs(contract):
        if name == "prediction":
            data = predictions if kind != "BYTES" else [value if isinstance(value, str) else str(value) for value in predictions]
            outputs.append({"name": name, "datatype": kind, "shape": [len(data)], "data": data})
        elif all("probabilities" in answer for answer in answers):
            labels = list(answers[0]["probabilities"]) if answers else []
            data = [answer["probabilities"][label] for answer in answers for label in labels]
            outputs.append({"name": name, "datatype": kind, "shape": [len(answers), len(labels)], "data": data, "parameters": {"labels": ",".join(labels)}})
    document = {"model_name": contract.name, "model_version": version, "outputs": outputs}
    return {**document, "id": given} if isinstance(given, str) else document
