"""Debian's Chromium on the real stack, logged in as a person logs in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from ..needs import leave_out
from ..stack import Stack

CHROMIUM = shutil.which("chromium")
# Without these it looks for its maker's servers at every start.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        leave_out("needs Debian's chromium: apt install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1400, "height": 1600})
    made.set_default_timeout(240_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def log_in(page: Page, stack: Stack) -> None:
    """Into the form that the page shows now."""
    page.get_by_label("Token").fill(stack.token)
    page.get_by_role("button", name="Log in").click()


def host(stack: Stack, tool: str) -> str:
    return f"http://{tool}.localhost:{stack.http_port}"
