"""How fast the dashboard's lists are with 10,000 artifacts, 5,000 jobs and 50 services: opened, scrolled, searched in."""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "bench"), str(Path(__file__).parent)]

from dashboard_bench import workshop_with  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402
from rows import at_most  # noqa: E402

from browser.conftest import CHROMIUM, FLAGS  # noqa: E402
from browser.test_many import LISTS, fifty, find, open_list, unfold, wait_for_many, write_many  # noqa: E402
from browser.troubled import TroubledWay  # noqa: E402
from browser.visitor import let_in, settle  # noqa: E402
from integration.application import free_port  # noqa: E402

ARTIFACTS, JOBS = 10_000, 5_000
OPENS_SECONDS, FINDS_SECONDS, FRAME_MS = 4, 2, 50
SCROLLS = """async () => {
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
  return gaps.sort((one, other) => one - other)[45];
}"""
"""Scrolls for 90 frames: the median of the milliseconds between two of them."""


def lists(browser: Browser) -> list[dict[str, Any]]:
    with workshop_with(browser, partial(write_many, artifacts=ARTIFACTS, jobs=JOBS)) as (workshop, context):
        wait_for_many(workshop, ARTIFACTS)
        page = context.new_page()
        page.goto(workshop.url)
        settle(page)
        return [row for path, words in LISTS.items() for row in one_list(page, workshop.url, path, words)]


def one_list(page: Page, url: str, path: str, words: str) -> list[dict[str, Any]]:
    begun = time.monotonic()
    open_list(page, url, path)
    opened = time.monotonic() - begun
    if path == "/models":
        unfold(page, ARTIFACTS)
    frame: float = page.evaluate(SCROLLS)
    begun = time.monotonic()
    find(page, words)
    found = time.monotonic() - begun
    return [
        at_most(f"{path} opens, of {ARTIFACTS:,} artifacts or {JOBS:,} jobs", opened, "s", OPENS_SECONDS),
        at_most(f"{path}, a frame while it scrolls", frame, "ms", FRAME_MS),
        at_most(f"{path} finds", found, "s", FINDS_SECONDS),
    ]


def services(browser: Browser) -> list[dict[str, Any]]:
    with workshop_with(browser, lambda home: None) as (workshop, context):
        way = TroubledWay(workshop.url, free_port()).open()
        way.trouble.rewrite = fifty
        try:
            let_in(context, way.url)
            page = context.new_page()
            page.goto(f"{way.url}/services")
            settle(page)
            return [at_most("/services with 50, a frame while it scrolls", page.evaluate(SCROLLS), "ms", FRAME_MS)]
        finally:
            way.close()


def measure() -> list[dict[str, Any]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            return [*lists(browser), *services(browser)]
        finally:
            browser.close()
