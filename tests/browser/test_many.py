"""Ten thousand artifacts, five thousand jobs, fifty services: the lists stay fluid."""

from __future__ import annotations

import copy
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from .conftest import Open, Start, Way
from .visitor import check_accessible, settle
from .workshop import Workshop
from .written_jobs import write_over

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench" / "artifacts"))
from scan_bench import make_home

pytestmark = pytest.mark.timeout(600)

ARTIFACTS, JOBS, SERVICES = 10_000, 5_000, 50
FRAMES = """async () => {
  const box = [...document.querySelectorAll('main, main *')].find((each) => each.scrollHeight > each.clientHeight + 400
    && /auto|scroll/.test(getComputedStyle(each).overflowY)) ?? document.scrollingElement;
  const gaps = [];
  let before = performance.now();
  for (let frame = 0; frame < 90; frame++) {
    box.scrollTop += 220;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - before);
    before = now;
  }
  gaps.sort((one, other) => one - other);
  const rows = document.querySelectorAll('main [role=row], main tbody tr').length;
  return {middle: gaps[45], worst: gaps.at(-2), moved: box.scrollTop, rows};
}"""
"""Scrolls for 90 frames: milliseconds between two of them."""


def write_many(home: Path) -> None:
    make_home(home, ARTIFACTS)
    for number in range(JOBS):
        write_over(home, f"job-{number:05d}", f"Job number {number}", ("print", b"a line\n"))


@pytest.fixture
def many(start: Start) -> Workshop:
    workshop = start(write_many)
    workshop.until(lambda: len(workshop.get("/api/artifacts")["artifacts"]) == ARTIFACTS, 120)
    return workshop


def test_lists_of_thousands_stay_fluid(many: Workshop, visit: Open) -> None:
    page = visit(many.url, "/")
    settle(page)
    for path, search in (("/jobs", "number 4242"), ("/models", "run-04242"), ("/runs", "run-04242")):
        begun = time.monotonic()
        page.goto(many.url + path)
        settle(page)
        expect(page.get_by_role("main").get_by_role("row").nth(1)).to_be_visible()
        bar(f"{path} opens", time.monotonic() - begun, 4, "s")
        if path == "/models":  # all adapters hang on one base
            page.get_by_role("treegrid").get_by_role("row").nth(1).press("ArrowRight")
            expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(ARTIFACTS + 2))
        frames = page.evaluate(FRAMES)
        assert frames["moved"] > 5_000, f"{path} didn't scroll: {frames}"
        assert frames["rows"] < 300, f"{path} draws {frames['rows']} rows at once"
        bar(f"{path}, a frame while it scrolls", frames["middle"], 50, "ms")
        begun = time.monotonic()
        page.get_by_role("searchbox").first.fill(search)
        expect(page.get_by_role("main").get_by_text(re.compile(search)).first).to_be_visible()
        bar(f"{path} finds", time.monotonic() - begun, 2, "s")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox", name="Go to").or_(page.get_by_role("textbox", name="Go to"))).to_be_focused()
    page.keyboard.type("run-09999")
    expect(page.get_by_role("dialog").get_by_text("run-09999").first).to_be_visible()


def test_fifty_services(start: Start, way: Way, visit: Open) -> None:
    many = way(start(lambda home: None))

    def more(path: str, answer: Any) -> Any:
        if path != "/api/services":
            return answer
        of = answer["services"]
        copies = [copy.deepcopy(of[number % len(of)]) for number in range(SERVICES)]
        named = [
            one | {"name": f"{one['name']}-{number}", "title": f"{one['title']} {number}"} for number, one in enumerate(copies)
        ]
        return answer | {"services": named}

    many.trouble.rewrite = more
    page = visit(many.url, "/services", forgive=("404",))  # the copies are asked for their history
    settle(page)
    expect(page.get_by_role("main").get_by_text(re.compile(r" 49$")).first).to_be_visible()
    check_accessible(page, "fifty services")
    bar("/services, a frame while it scrolls", page.evaluate(FRAMES)["middle"], 50, "ms")


def bar(what: str, value: float, most: float, unit: str) -> None:
    """Holds where the machine does nothing else."""
    busy = os.getloadavg()[0] > 2.5
    print(f"{what}: {value:.3g} {unit} (bar {most} {unit}{', the machine is busy' if busy else ''})")
    assert busy or value <= most
