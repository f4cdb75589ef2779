"""Three thousand artifacts, two thousand jobs, fifty services: the lists draw what is in view, scroll, and find.

How fast they do, and with more, is measured in tests/bench/browser/lists_bench.py.
"""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Open, Start, Way
from .visitor import check_accessible, settle
from .workshop import Workshop, until
from .written_jobs import write_over

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench" / "artifacts"))
from scan_bench import make_home

pytestmark = pytest.mark.timeout(600)

ARTIFACTS, JOBS, SERVICES = 3_000, 2_000, 50
LISTS = {"/jobs": "number 1742", "/models": "run-01742", "/runs": "run-01742"}
"""What is looked for in each."""
SCROLLED = """async () => {
  const box = [...document.querySelectorAll('main, main *')].find((each) => each.scrollHeight > each.clientHeight + 400
    && /auto|scroll/.test(getComputedStyle(each).overflowY)) ?? document.scrollingElement;
  let rows = 0;
  for (let frame = 0; frame < 30; frame++) {
    box.scrollTop += 660;
    await new Promise(requestAnimationFrame);
    rows = Math.max(rows, document.querySelectorAll('main [role=row], main tbody tr').length);
  }
  return {moved: box.scrollTop, rows};
}"""
"""Scrolls for 30 frames: how far it came, and the most rows that stood in the page at once."""


def write_many(home: Path, artifacts: int = ARTIFACTS, jobs: int = JOBS) -> None:
    make_home(home, artifacts)
    for number in range(jobs):
        write_over(home, f"job-{number:05d}", f"Job number {number}", ("print", b"a line\n"))


def wait_for_many(workshop: Workshop, artifacts: int = ARTIFACTS) -> None:
    """It reads the artifacts of a home once it has started."""
    until(lambda: len(workshop.get("/api/artifacts")["artifacts"]) == artifacts, 300)


def open_list(page: Page, url: str, path: str) -> None:
    page.goto(url + path)
    settle(page)
    expect(page.get_by_role("main").get_by_role("row").nth(1)).to_be_visible()


def unfold(page: Page, artifacts: int = ARTIFACTS) -> None:
    """On the page of models: all adapters hang on one base."""
    page.get_by_role("treegrid").get_by_role("row").nth(1).press("ArrowRight")
    expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(artifacts + 2))


def find(page: Page, words: str) -> None:
    page.get_by_role("searchbox").first.fill(words)
    expect(page.get_by_role("main").get_by_text(re.compile(words)).first).to_be_visible()


def fifty(path: str, answer: Any) -> Any:
    """Of the services that there are so many copies, each with a name of its own."""
    if path != "/api/services":
        return answer
    of = answer["services"]
    copies = [copy.deepcopy(of[number % len(of)]) for number in range(SERVICES)]
    named = [one | {"name": f"{one['name']}-{number}", "title": f"{one['title']} {number}"} for number, one in enumerate(copies)]
    return answer | {"services": named}


def test_lists_of_thousands_stay_fluid(start: Start, visit: Open) -> None:
    many = start(write_many)
    wait_for_many(many)
    page = visit(many.url, "/")
    settle(page)
    for path, words in LISTS.items():
        open_list(page, many.url, path)
        if path == "/models":
            unfold(page)
        scrolled = page.evaluate(SCROLLED)
        assert scrolled["moved"] > 5_000, f"{path} didn't scroll: {scrolled}"
        assert scrolled["rows"] < 300, f"{path} draws {scrolled['rows']} rows at once"
        find(page, words)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox", name="Go to").or_(page.get_by_role("textbox", name="Go to"))).to_be_focused()
    page.keyboard.type("run-02999")
    expect(page.get_by_role("dialog").get_by_text("run-02999").first).to_be_visible()


def test_fifty_services(empty: Workshop, way: Way, visit: Open) -> None:
    many = way(empty)
    many.trouble.rewrite = fifty
    page = visit(many.url, "/services", forgive=("404",))  # the copies are asked for their history
    settle(page)
    expect(page.get_by_role("main").get_by_text(re.compile(r" 49$")).first).to_be_visible()
    check_accessible(page, "fifty services")
