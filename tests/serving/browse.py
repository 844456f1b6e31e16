"""Use the page of a service in a real browser and say, as JSON, what was seen: browse.py CHROMIUM URL SCREENSHOTS KIND [IMAGE] [KEY]."""

from __future__ import annotations

import json
import sys
from typing import Any

from playwright.sync_api import Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PHONE = {"width": 390, "height": 844}


def answer_of(page: Page) -> dict[str, Any]:
    page.wait_for_selector("#result:not([hidden])")
    bars = page.eval_on_selector_all("#bars meter", "all => all.map(each => [each.previousSibling.textContent, each.value])")
    return {"prediction": page.inner_text("#prediction"), "bars": bars, "warnings": page.inner_text("#warnings")}


def use_form(page: Page, shots: str) -> dict[str, Any]:
    seen: dict[str, Any] = {"kinds": page.eval_on_selector_all("#form .field", "all => all.map(each => each.querySelector('input, select, textarea').type)")}
    page.click("#go")
    seen["answer"] = answer_of(page)
    page.screenshot(path=f"{shots}/answer.png", full_page=True)
    page.fill("#field-0", "100")
    page.click("#go")
    page.wait_for_selector("#warnings p")
    seen["warned"] = answer_of(page)["warnings"]
    page.fill("#field-0", "1.5")
    page.click("#go")
    page.wait_for_selector(".field.wrong")
    seen["refused"] = page.inner_text(".field.wrong .error")
    page.screenshot(path=f"{shots}/refused.png", full_page=True)
    page.click("#example")
    seen["code"] = {}
    for name in ("curl", "JavaScript", "Python"):
        page.click(f"#tabs button:text-is('{name}')")
        seen["code"][name] = page.inner_text("#code")
    return seen


def use_image(page: Page, shots: str, image: str) -> dict[str, Any]:
    page.set_input_files("#field-0", image)
    seen: dict[str, Any] = {"answer": answer_of(page), "preview": page.eval_on_selector(".drop img", "each => each.naturalWidth")}
    page.screenshot(path=f"{shots}/image.png", full_page=True)
    seen["width"] = page.evaluate("document.documentElement.scrollWidth")
    return seen


def main(chromium: str, url: str, shots: str, kind: str, image: str = "", key: str = "") -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        page = browser.new_page(viewport=PHONE if kind == "image" else {"width": 1100, "height": 800})
        asked: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{url}/")
        if key:
            page.wait_for_selector("#key-asked:not([hidden])")
            page.fill("#key", key)
            page.click("#key-used")
        page.wait_for_selector("#form .field")
        seen = use_image(page, shots, image) if kind == "image" else use_form(page, shots)
        page.goto(f"{url}/docs#rejected")
        if not key:
            page.wait_for_selector("#rejected")
        page.screenshot(path=f"{shots}/docs.png", full_page=True)
        browser.close()
    print(json.dumps({**seen, "elsewhere": [each for each in asked if not each.startswith((url, "blob:"))], "errors": errors}))


if __name__ == "__main__":
    main(*sys.argv[1:])
