"""Clients of the service: a template for each language, with the types of the signature put in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from ferrata.records.signature import Signature
from ferrata.steps.serving import client_types


@dataclass(frozen=True)
class Language:
    """`file` is the name that a client gets, `comment` what a line of it begins with, `fence` how Markdown calls it."""

    template: str
    file: str
    comment: str
    types: Callable[[Signature], str]
    title: str
    fence: str


LANGUAGES = {
    "js": Language("client.js", "{name}.js", "//", client_types.javascript, "A website, or Node", "js"),
    "python": Language("client.py", "{name}_client.py", "#", client_types.python, "Python", "python"),
    "swift": Language("client.swift", "{Name}Client.swift", "//", client_types.swift, "An app for iPhone and Mac (Swift)", "swift"),
    "kotlin": Language("client.kt", "{Name}Client.kt", "//", client_types.kotlin, "An app for Android (Kotlin)", "kotlin"),
    "dart": Language("client.dart", "{name}_client.dart", "//", client_types.dart, "An app for both (Flutter, Dart)", "dart"),
    "curl": Language("client.sh", "{name}.sh", "#", client_types.shell, "A shell", "sh"),
}
_OTHER = {"image": "rows", "rows": "image"}
_USES = {
    "js": """import {{ Client, ServiceError{example} }} from "./{file}";

const client = new Client("http://127.0.0.1:8000", {{ key: "…" }});
try {{
  const answer = await client.predict({js});
  console.log(answer.prediction);
}} catch (error) {{
  if (error instanceof ServiceError) console.log(error.status, error.message, error.errors);
}}""",
    "python": 'from {module} import {py_names}\n\nclient = Client("http://127.0.0.1:8000", key="…")\nprint(client.predict({py})["prediction"])',
    "swift": """let client = Client(url: URL(string: "https://model.example.com")!, key: "…")
let answer = try await client.predict({swift})
print(answer.prediction as Any)""",
    "kotlin": """val client = Client("https://model.example.com", key = "…")
val answer = withContext(Dispatchers.IO) {{ client.predict({kotlin}) }}
println(answer.prediction)""",
    "dart": "final client = Client('https://model.example.com', key: '…');\nfinal answer = await client.predict({dart});\nprint(answer.prediction);",
    "curl": "URL=http://127.0.0.1:8000 KEY=… sh {file}{sh}",
}
_NOTES = {
    "js": "The service must name the site: `SERVICE_ORIGINS=https://www.example.com`. Everybody who sees a page can read the key in it: give the "
    "site a key of its own, or call the service from the site's server.",
    "swift": "An app talks to `https` addresses only, unless its settings say otherwise.",
    "kotlin": "The app needs the permission `android.permission.INTERNET`, and talks to `https` addresses only, unless its settings say otherwise.",
    "dart": "In a browser `dart:io` is not there; use the JavaScript client, or package:http.",
}


def write_client(signature: Signature, language: str) -> str:
    chosen = LANGUAGES[language]
    text = (files("ferrata.steps.serving") / "templates" / "clients" / chosen.template).read_text(encoding="utf-8")
    text = _with_region(text, "types", chosen.types(signature))
    wanted = "image" if signature["kind"] == "image" else "rows"
    text = re.sub(r"\n{3,}(?= )", "\n\n", _without_marks(_without_region(text, _OTHER[wanted])))
    return _named(text, signature, language)


def client_file(signature: Signature, language: str) -> str:
    """The name that the client's file gets."""
    words = re.findall(r"[A-Za-z0-9]+", str(signature["name"])) or ["model"]
    name, upper = "_".join(words).lower(), "".join(word[:1].upper() + word[1:] for word in words)
    return LANGUAGES[language].file.format(name=f"model_{name}" if name[0].isdigit() else name, Name=f"Model{upper}" if upper[0].isdigit() else upper)


def write_guide(signature: Signature) -> str:
    """The page "use it from your website or your app", in Markdown."""
    page = (files("ferrata.steps.serving") / "templates" / "clients" / "USE.md").read_text(encoding="utf-8")
    return page.replace("<!-- parts -->", "\n\n".join(_part(signature, language) for language in LANGUAGES))


def _part(signature: Signature, language: str) -> str:
    chosen, file = LANGUAGES[language], client_file(signature, language)
    is_image = signature["kind"] == "image"
    use = _USES[language].format(
        file=file, module=file.removesuffix(".py"), example="" if is_image else ", EXAMPLE",
        js="input.files[0]" if is_image else "EXAMPLE", py_names="Client" if is_image else "EXAMPLE, Client",
        py='open("picture.jpg", "rb").read()' if is_image else "EXAMPLE", swift="imageData" if is_image else "example",
        kotlin="imageBytes" if is_image else "example", dart="imageBytes" if is_image else "example", sh=" picture.jpg" if is_image else "",
    )  # fmt: skip
    note = f"\n\n{_NOTES[language]}" if language in _NOTES else ""
    return f"## {chosen.title}\n\n`ferrata client {language}` writes `clients/{file}`.\n\n```{chosen.fence}\n{use}\n```{note}"


def _with_region(text: str, name: str, content: str) -> str:
    return re.sub(rf"^[ ]*\S+ <{name}>\n.*?^[ ]*\S+ </{name}>\n", lambda _: content + "\n", text, flags=re.DOTALL | re.MULTILINE)


def _without_region(text: str, name: str) -> str:
    return re.sub(rf"^[ ]*\S+ <{name}>\n.*?^[ ]*\S+ </{name}>\n", "", text, flags=re.DOTALL | re.MULTILINE)


def _without_marks(text: str) -> str:
    return re.sub(r"^[ ]*\S+ </?(?:rows|image)>\n", "", text, flags=re.MULTILINE)


def _named(text: str, signature: Signature, language: str) -> str:
    file = client_file(signature, language)
    shown = re.sub(r"[^\w .,-]", "", str(signature["name"])) or "model"
    text = text.replace('"churn"', f'"{shown}"').replace("churn_client", file.removesuffix(".py")).replace("./churn.js", f"./{file}").replace("churn.sh", file)
    if signature["kind"] == "image":
        text = text.replace('body.append("image"', f"body.append({json.dumps(signature['inputs'][0]['name'], ensure_ascii=False)}")
        for name in ("EXAMPLE", "example"):
            text = text.replace(f"predict({name})", "predict(image)")
        text = text.replace("import EXAMPLE, Client", "import Client")
    return text

