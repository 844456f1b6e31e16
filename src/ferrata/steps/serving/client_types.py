"""The inputs and answers of a signature as types of five languages, and the example as a value of each."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Callable, Iterable
from typing import Any

from ferrata.records.signature import Input, Signature

_JS = {"integer": "number", "number": "number", "boolean": "boolean", "array": "number[]"}
_PYTHON = {"integer": "int", "number": "float", "boolean": "bool", "array": "List[Any]"}
_SWIFT = {"integer": "Int", "number": "Double", "boolean": "Bool", "array": "[Double]"}
_KOTLIN = {"integer": "Long", "number": "Double", "boolean": "Boolean", "array": "List<Double>"}
_DART = {"integer": "int", "number": "double", "boolean": "bool", "array": "List<num>"}
# Words that none of Swift, Kotlin and Dart takes everywhere as a name.
_RESERVED = {
    "as", "assert", "await", "break", "case", "catch", "class", "const", "continue", "default", "defer", "deinit", "do", "else", "enum", "extends", "extension",
    "external", "false", "final", "finally", "for", "fun", "func", "guard", "if", "import", "in", "init", "inout", "interface", "internal", "is", "let", "new",
    "null", "object", "operator", "override", "package", "private", "protocol", "public", "repeat", "rethrow", "return", "self", "static", "struct", "super",
    "switch", "this", "throw", "true", "try", "typealias", "typeof", "val", "var", "void", "when", "where", "while", "with", "yield", "toJson", "hashCode",
    "runtimeType", "toString", "Self", "Type", "Any", "late", "required", "dynamic", "factory", "part", "library", "subscript",
}  # fmt: skip


def javascript(signature: Signature) -> str:
    inputs = ", ".join(f"{_text(each['name'])}{'?' if _may_lack(each) else ''}: {_js_type(each)}" for each in signature["inputs"])
    answer = [f'"prediction": {_js_output(signature)}']
    answer += ['"probabilities"?: Object<string, number>'] if signature["outputs"]["probabilities"] else []
    answer += ['"warnings"?: {field: string, message: string}[]']
    lines = [f"/** @typedef {{{{{_in_comment(inputs)}}}}} Input */"] if signature["kind"] != "image" else []
    lines.append(f"/** @typedef {{{{{_in_comment(', '.join(answer))}}}}} Answer */")
    if signature["kind"] != "image":
        lines += ["", "/** @type {Input} */", f"export const EXAMPLE = {_text(example(signature))};"]
    return "\n".join(lines)


def python(signature: Signature) -> str:
    answer = ["class Answer(TypedDict, total=False):", f"    prediction: {_python_output(signature)}"]
    answer += ["    probabilities: Dict[str, float]"] if signature["outputs"]["probabilities"] else []
    answer += ["    warnings: List[Dict[str, str]]"]
    if signature["kind"] == "image":
        return "\n".join(["", *answer])
    kinds = [(each["name"], _optional(_PYTHON.get(each["type"], "str"), each, "Optional[{}]")) for each in signature["inputs"]]
    fields = "".join(f"\n    {_python_text(name)}: {kind}," for name, kind in kinds)
    inputs = f'Input = TypedDict("Input", {{{fields}\n}})'
    if any(map(_may_lack, signature["inputs"])):
        inputs = f'# What may be missing may be left out.\nInput = TypedDict("Input", {{{fields}\n}}, total=False)'
    return "\n".join([inputs, "", "", *answer, "", "", f"EXAMPLE: Input = {_python_text(example(signature))}"])


def swift(signature: Signature) -> str:
    output = {"integer": "Int", "number": "Double", "boolean": "Bool", "array": "[Double]"}.get(_output(signature), "String")
    answer = f"struct Answer: Codable {{\n    let prediction: {output}?\n    let probabilities: [String: Double]?\n    let warnings: [Warning]?\n}}"
    if signature["kind"] == "image":
        return answer
    named = list(zip(names(signature), signature["inputs"], strict=True))
    fields = "\n".join(f"    var {name}: {_optional(_SWIFT.get(each['type'], 'String'), each, '{}?')}" for name, each in named)
    keys = "\n".join(f"        case {name} = {_swift_text(each['name'])}" for name, each in named)
    given = _values(named, example(signature), lambda each, value: "nil" if value is None else _swift_text(value))
    arguments = ", ".join(f"{name}: {value}" for name, value in given)
    inputs = f"struct Input: Codable {{\n{fields}\n\n    enum CodingKeys: String, CodingKey {{\n{keys}\n    }}\n}}"
    return f"{inputs}\n\n{answer}\n\nlet example = Input({arguments})"


def kotlin(signature: Signature) -> str:
    read = {"integer": "getLong", "number": "getDouble", "boolean": "getBoolean", "array": "getJSONArray"}.get(_output(signature), "getString")
    output = {"getLong": "Long", "getDouble": "Double", "getBoolean": "Boolean", "getJSONArray": "JSONArray"}.get(read, "String")
    answer = (
        f"data class Answer(val prediction: {output}?, val probabilities: Map<String, Double>, val warnings: List<String>) {{\n    companion object {{\n"
        f'        fun of(json: JSONObject): Answer {{\n            val prediction = if (json.isNull("prediction")) null else json.{read}("prediction")\n'
        '            return Answer(prediction, numbers(json.optJSONObject("probabilities")), messages(json.optJSONArray("warnings")))\n        }\n    }\n}'
    )
    if signature["kind"] == "image":
        return answer
    named = list(zip(names(signature), signature["inputs"], strict=True))
    fields = "\n".join(f"    val {name}: {_optional(_KOTLIN.get(each['type'], 'String'), each, '{}? = null')}," for name, each in named)
    put = "\n".join(f"        json.put({_kotlin_text(each['name'])}, {_put_kotlin(name, each)})" for name, each in named)
    inputs = f"data class Input(\n{fields}\n) {{\n    fun toJson(): JSONObject {{\n        val json = JSONObject()\n{put}\n        return json\n    }}\n}}"
    given = _values(named, example(signature), _kotlin_value)
    return f"{inputs}\n\n{answer}\n\nval example = Input({', '.join(f'{name} = {value}' for name, value in given)})"


def dart(signature: Signature) -> str:
    kind = {"integer": "int", "number": "double", "boolean": "bool", "array": "List<dynamic>"}.get(_output(signature), "String")
    read = "(json['prediction'] as num?)?.toDouble()" if kind == "double" else f"json['prediction'] as {kind}?"
    answer = (
        f"class Answer {{\n  final {kind}? prediction;\n  final Map<String, double?> probabilities;\n  final List<String> warnings;\n\n"
        "  const Answer(this.prediction, this.probabilities, this.warnings);\n\n  factory Answer.of(Map<String, dynamic> json) =>\n"
        f"      Answer({read}, _numbers(json['probabilities']), _messages(json['warnings']));\n}}"
    )
    if signature["kind"] == "image":
        return answer
    named = list(zip(names(signature), signature["inputs"], strict=True))
    fields = "\n".join(f"  final {_optional(_DART.get(each['type'], 'String'), each, '{}?')} {name};" for name, each in named)
    parameters = ", ".join(f"{'' if _may_lack(each) else 'required '}this.{name}" for name, each in named)
    pairs = ", ".join(f"{_dart_text(each['name'])}: {name}" for name, each in named)
    inputs = f"class Input {{\n{fields}\n\n  const Input({{{parameters}}});\n\n  Map<String, Object?> toJson() => {{{pairs}}};\n}}"
    given = _values(named, example(signature), lambda each, value: _dart_text(value) if isinstance(value, str) else _text(value))
    return f"{inputs}\n\n{answer}\n\nconst example = Input({', '.join(f'{name}: {value}' for name, value in given)});"


def shell(signature: Signature) -> str:
    if signature["kind"] == "image":
        return "KIND='application/octet-stream'\nEXAMPLE=''"
    text = _text(example(signature)).replace("'", "'\\''")
    return f"KIND='application/json'\nEXAMPLE='{text}'"


def example(signature: Signature) -> dict[str, Any]:
    """The example input; what it does not give comes from the fields' own."""
    given = signature["example"]["input"]
    return {each["name"]: given.get(each["name"], each["example"]) for each in signature["inputs"]}


def names(signature: Signature) -> list[str]:
    """A name in camel case for each input, no two alike."""
    found: list[str] = []
    for each in signature["inputs"]:
        name = _camel(re.findall(r"[A-Za-z0-9]+", each["name"]))
        name = f"field{name}" if not name or name[0].isdigit() else name
        name = f"{name}Value" if name in _RESERVED or keyword.iskeyword(name) else name
        found.append(name if name not in found else next(f"{name}{n}" for n in range(2, len(found) + 3) if f"{name}{n}" not in found))
    return found


def _camel(words: list[str]) -> str:
    """monthlyCharges, and id for ID."""
    first = words[0].lower() if words and words[0].isupper() else "".join(words[:1])
    return first[:1].lower() + first[1:] + "".join(word[:1].upper() + word[1:] for word in words[1:])


def _values(named: Iterable[tuple[str, Any]], given: dict[str, Any], write: Callable[[Any, Any], str]) -> list[tuple[str, str]]:
    return [(name, write(each, _as_declared(each, given[each["name"]]))) for name, each in named]


def _as_declared(each: Input, value: Any) -> Any:
    """A whole number of a float field is written as a float, which the typed languages want."""
    return float(value) if each["type"] == "number" and isinstance(value, int) and not isinstance(value, bool) else value


def _may_lack(each: Input) -> bool:
    return each["gaps"]


def _optional(kind: str, each: Input, form: str) -> str:
    return form.format(kind) if _may_lack(each) else kind


def _js_type(each: Input) -> str:
    return _JS.get(each["type"], "string") + ("|null" if each["nullable"] else "")


def _output(signature: Signature) -> str:
    return signature["outputs"]["prediction"]["type"]


def _js_output(signature: Signature) -> str:
    return _JS.get(_output(signature), "string") + "|null"


def _python_output(signature: Signature) -> str:
    return f"Optional[{_PYTHON.get(_output(signature), 'str')}]"


def _put_kotlin(name: str, each: Input) -> str:
    nothing = " ?: JSONObject.NULL" if _may_lack(each) else ""
    return (f"{name}?.let {{ JSONArray(it) }}" if _may_lack(each) else f"JSONArray({name})") + nothing if each["type"] == "array" else name + nothing


def _kotlin_value(each: Input, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value}L"
    if isinstance(value, list):
        return f"listOf({', '.join(repr(float(item)) if isinstance(item, (int, float)) else _kotlin_text(item) for item in value)})"
    return _kotlin_text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _in_comment(text: str) -> str:
    return text.replace("*/", "*\\/")


def _python_text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_python_text(item)}" for key, item in value.items()) + "}"
    return repr(value) if isinstance(value, (bool, float, int)) or value is None else _text(value)


def _swift_text(value: Any) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", r"\\u{\1}", _text(value))


def _kotlin_text(value: Any) -> str:
    return _text(value).replace("$", "\\$").replace("\\f", "\\u000c")


def _dart_text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("$", "\\$").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"
