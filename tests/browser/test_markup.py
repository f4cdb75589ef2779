"""Every string that the API returns, full of markup: shown as text on every page, in lists that don't break."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from .conftest import Open, Way
from .test_pages import DETAILS
from .visitor import DESKTOP, PAGES, PHONE, settle, too_wide
from .workshop import Workshop

pytestmark = pytest.mark.timeout(600)

SCHEMAS = json.loads((Path(__file__).resolve().parents[2] / "frontend" / "openapi.json").read_text(encoding="utf-8"))[
    "components"
]["schemas"]
MARKUP = '<img src=x onerror="window.hurt=1"><script>window.hurt=2</script>'
LONG = "‮مرحبا‬ 🧵" + "long-" * 60
SHOWN = "<img src=x onerror="
ADDRESSES = {
    "id",
    "name",
    "job",
    "run",
    "adapter",
    "base",
    "page",
    "url",
    "address",
    "api",
    "cursor",
    "etag",
    "path",
    "engine",
    "token",
    "step",
}
"""By these the page asks for more, or goes elsewhere; where they are names of users they are tried apart."""


def words() -> set[str]:
    """All values of all enumerations of the API: states and kinds, which the page looks up."""
    found: set[str] = set()

    def look(at: Any) -> None:
        if isinstance(at, dict):
            found.update(each for each in [*at.get("enum", []), at.get("const")] if isinstance(each, str))
            for each in at.values():
                look(each)
        elif isinstance(at, list):
            for each in at:
                look(each)

    look(SCHEMAS)
    return found


WORDS = words()
WIDE = """() => [...document.querySelectorAll('main *')].filter((each) => each.getBoundingClientRect().right > innerWidth
  && getComputedStyle(each.parentElement).overflowX === 'visible').slice(0, 3).map((each) => each.outerHTML.slice(0, 300))"""


def is_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def full_of(markup: str) -> Any:
    """All strings of an answer that people may have written, with markup in them."""

    def spoil(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {name: spoil(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [spoil(each, key) for each in value]
        if not isinstance(value, str) or key in ADDRESSES or key.endswith(("_id", "_at")) or value in WORDS or is_time(value):
            return value
        return f"{value} {markup}" if value else value

    return lambda path, answer: answer if path.startswith(("/api/drafts", "/api/files")) else spoil(answer, "")


@pytest.mark.parametrize(("markup", "sizes"), [(MARKUP, [DESKTOP, PHONE]), (LONG, [PHONE, DESKTOP])], ids=["markup", "long"])
def test_what_people_wrote_is_shown_as_text(
    workshop: Workshop, way: Way, visit: Open, markup: str, sizes: list[ViewportSize]
) -> None:
    """On a desk and on a phone: it is opened on one and then laid out for the other, and the next page the other way round."""
    bad = way(workshop)
    bad.trouble.rewrite = full_of(markup)
    page = visit(bad.url, viewport=sizes[0])
    jobs = [f"/jobs/{job['id']}{tab}" for job in workshop.get("/api/jobs")[:3] for tab in ("", "?tab=commands", "?tab=parity")]
    seen = 0
    faults = []
    for path in [*PAGES, *DETAILS, *jobs]:
        page.goto(bad.url + path)
        settle(page)
        for size in sizes:
            if wide := too_wide(page, size):
                faults.append(f"{path} is {wide} px too wide at {size['width']} px: {page.evaluate(WIDE)}")
            faults += [f"{path}: {fault}" for fault in hurt(page)]
            seen += size == DESKTOP and SHOWN in page.locator("body").inner_text()
        sizes = sizes[::-1]
    assert faults == []
    assert markup is LONG or seen >= 8, f"markup was on {seen} pages only: is it rewritten at all?"


def test_names_are_text_too(workshop: Workshop, way: Way, visit: Open) -> None:
    """In lists, where a name is what one reads, and the address that it becomes."""
    bad = way(workshop)

    def spoil(path: str, answer: Any) -> Any:
        if path in ("/api/jobs", "/api/runs", "/api/datasets", "/api/releases", "/api/artifacts", "/api/services", "/v1/models"):
            return json.loads(
                re.sub(r'"(name|title|dataset|template)": "([^"]*)"', rf'"\1": "\2 {MARKUP_JSON}"', json.dumps(answer))
            )
        return answer

    bad.trouble.rewrite = spoil
    page = visit(bad.url, forgive=("404", "422"))  # nothing has these names
    for path in PAGES:
        page.goto(bad.url + path)
        settle(page)
        assert hurt(page) == [], path
    page.goto(f"{bad.url}/runs")
    expect(page.get_by_text(SHOWN).first).to_be_visible()


MARKUP_JSON = json.dumps(MARKUP)[1:-1].replace("\\", "\\\\")


def hurt(page: Page) -> list[str]:
    """What markup did to the page; the content security policy may not be the only thing that stops it."""
    found: list[str] = page.evaluate(
        """() => [
            ...(window.hurt ? ['it ran: ' + window.hurt] : []),
            ...[...document.querySelectorAll('img[src=x], [onerror], main script')].map((each) => each.outerHTML),
        ]"""
    )
    return found
