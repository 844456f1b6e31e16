"""The OpenAPI document, written from the signature."""

from __future__ import annotations

from .contract import Contract, Field
from .problems import TITLES
from .settings import Settings

TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "array": "array"}


def document(contract: Contract, settings: Settings) -> dict:
    paths = {
        "/predict": {"post": _predict(contract)},
        "/signature": {"get": _read("What the model takes and gives")},
        "/version": {"get": _read("The commit, and hashes of data, model, code and lock")},
        "/healthz": {"get": _read("Whether the service runs")},
        "/readyz": {"get": _read("Whether the model answers")},
        "/metrics": {"get": _read("Counters for Prometheus", "text/plain")},
        "/v2/health/live": {"get": _read("Open Inference Protocol: the service runs")},
        "/v2/health/ready": {"get": _read("Open Inference Protocol: the model answers")},
        f"/v2/models/{contract.name}": {"get": _read("Open Inference Protocol: the tensors of the model")},
        f"/v2/models/{contract.name}/infer": {"post": _infer(contract)},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": contract.name, "version": "1", "description": _about(contract.signature)},
        "paths": paths,
        "components": {"schemas": _schemas(contract), "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"key": []}],
        "x-problems": {name: [status, title] for name, (status, title) in TITLES.items()},
    }


def _about(signature: dict) -> str:
    model, proof = signature.get("model") or {}, signature.get("proof") or {}
    lines = [f"{model.get('name', 'The model')} ({str(model.get('type', '')).rsplit('.', 1)[-1]}), {signature.get('task', 'prediction')}."]
    if signature.get("level") == "prepared":
        lines.append("It takes prepared features: the way from the raw input to them could not be derived.")
    if proof.get("rows"):
        lines.append(f"Proved on {proof['rows']} rows of {proof.get('of')}: {proof.get('mismatches')} differ from the notebook's own predictions.")
    return " ".join(lines)


def _schemas(contract: Contract) -> dict:
    fields = {field.name: _field(field) for field in contract.fields}
    required = [field.name for field in contract.fields if not field.may_be_left_out]
    told = {name: {"type": ["string", "null"]} for name in ("field", "expected", "received", "pointer")}
    error = {"type": "object", "properties": {**told, "row": {"type": "integer"}}}
    return {
        "Input": {"type": "object", "properties": fields, "required": required, "additionalProperties": False},
        "Answer": _answer(contract.signature),
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status"],
            "properties": {
                "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
                "errors": {"type": "array", "items": error},
            },
        },
    }  # fmt: skip


def _field(field: Field) -> dict:
    entry, name = field.entry, TYPES.get(field.type, "string")
    schema: dict = {"type": [name, "null"] if field.is_nullable else name}
    if field.type == "datetime":
        schema["format"] = "date-time"
    if field.type == "image":
        schema.update(contentEncoding="base64")
    if field.type == "array":
        schema["items"] = {}
    said = [f"in {entry['unit']}" if entry.get("unit") else ""]
    if field.low is not None and field.high is not None:
        said.append(f"seen in training: {field.low} to {field.high}")
    if field.categories:
        said.append(f"seen in training: {', '.join(map(str, entry['categories'][:20]))}{' …' if len(entry['categories']) > 20 else ''}")
    said += [f"{label}: {entry[key]}" for key, label in (("missing", "missing value"), ("unseen", "unseen value")) if entry.get(key)]
    schema["description"] = "; ".join(filter(None, said))
    if entry.get("example") is not None:
        schema["examples"] = [entry["example"]]
    return schema


def _answer(signature: dict) -> dict:
    outputs = signature["outputs"]
    kind = outputs["prediction"]
    prediction: dict = {"type": [TYPES.get(kind["type"], "string"), "null"]}
    if kind.get("labels"):
        prediction["enum"] = [*kind["labels"], None]
    properties: dict = {"prediction": prediction}
    if outputs.get("probabilities"):
        properties["probabilities"] = {"type": "object", "additionalProperties": {"type": ["number", "null"], "minimum": 0, "maximum": 1}}
    warning = {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}}
    properties["warnings"] = {"type": "array", "items": warning}
    return {"type": "object", "required": ["prediction"], "properties": properties}


def _predict(contract: Contract) -> dict:
    one = {"$ref": "#/components/schemas/Input"}
    content: dict = {"application/json": {"schema": {"oneOf": [one, {"type": "array", "items": one, "minItems": 1}]}}}
    example = (contract.signature.get("example") or {}).get("input")
    if example is not None and contract.kind != "image":
        content["application/json"]["example"] = example
    if contract.kind == "image":
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        content = {"multipart/form-data": {"schema": {"type": "object", "properties": {contract.names[0]: {"type": "array", "items": file}}}}, **content}
    answer = {"$ref": "#/components/schemas/Answer"}
    answers = {"oneOf": [answer, {"type": "array", "items": answer}]}
    return _write("One answer for one input, a list of answers for a list", content, answers)


def _infer(contract: Contract) -> dict:
    content = {"application/json": {"schema": {"type": "object", "required": ["inputs"], "properties": {"inputs": {"type": "array"}}}}}
    return _write("Open Inference Protocol: one tensor for each input", content, {"type": "object"})


def _write(summary: str, content: dict, answer: dict) -> dict:
    refusals = {str(status): _refusal(status) for status in sorted({status for status, _ in TITLES.values()} - {403, 404, 405})}
    good = {"200": {"description": "The answer", "content": {"application/json": {"schema": answer}}}}
    return {"summary": summary, "requestBody": {"required": True, "content": content}, "responses": {**good, **refusals}}


def _read(summary: str, kind: str = "application/json") -> dict:
    return {"summary": summary, "responses": {"200": {"description": summary, "content": {kind: {}}}}}


def _refusal(status: int) -> dict:
    titles = "; ".join(title for code, title in TITLES.values() if code == status)
    return {"description": titles, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
