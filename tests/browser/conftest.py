"""The dashboard in Debian's Chromium, on the real orchestrator and the real tools."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from integration.application import TOKEN, free_port

from .troubled import TroubledWay
from .visitor import DESKTOP, Watch
from .workshop import Workshop

CHROMIUM = shutil.which("chromium")
# Without these it looks for its maker's servers at every start.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
Open = Callable[..., Page]
Start = Callable[[Callable[[Path], object]], Workshop]
Way = Callable[[Workshop], TroubledWay]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        why = "needs Debian's chromium: apt install chromium"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Rows, a base, an adapter trained on it and its release, all made by the real tools.

    In the folder TUNESMITH_TEST_WORKSHOP it stays for the next run.
    """
    base = os.environ.get("TUNESMITH_TEST_BASE")
    if not base:
        pytest.skip("TUNESMITH_TEST_BASE names no base model: `make test` makes the starter and sets it")
    folder = Path(os.environ.get("TUNESMITH_TEST_WORKSHOP") or tmp_path_factory.mktemp("workshop"))
    started = Workshop.at(folder / "home", free_port()).start()
    try:
        started.furnish(Path(base))
        yield started
    finally:
        started.end()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Workshop]:
    """A new installation: nothing is there, no toolbox either."""
    started = Workshop.at(tmp_path / "home", free_port(), cache=tmp_path / "cache").start()
    try:
        yield started
    finally:
        started.end()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(write)` → an orchestrator on a home into which `write(home)` has put some jobs."""
    started: list[Workshop] = []

    def starting(write: Callable[[Path], object]) -> Workshop:
        home = tmp_path / "home"
        write(home)
        started.append(Workshop.at(home, free_port(), cache=tmp_path / "cache").start())
        return started[-1]

    yield starting
    for each in started:
        each.end()


@pytest.fixture
def way() -> Iterator[Way]:
    """`way(workshop)` → a way to it on which a test makes trouble."""
    opened: list[TroubledWay] = []

    def opening(workshop: Workshop) -> TroubledWay:
        opened.append(TroubledWay(workshop.url, free_port()).open())
        return opened[-1]

    yield opening
    for each in opened:
        each.close()


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """`visit(url, path="/", **context options)` → a page that is logged in there. At the end nothing may have gone wrong."""
    contexts: list[tuple[BrowserContext, Watch]] = []

    def opened(url: str, path: str = "/", *, forgive: tuple[str, ...] = (), **options: object) -> Page:
        context = browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce", **options})  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        watch = Watch(url, forgiven=list(forgive))
        watch.over(context)
        contexts.append((context, watch))
        page = context.new_page()
        log_in(page, url, path)
        return page

    yield opened
    for context, watch in contexts:
        context.close()
        watch.check()


def log_in(page: Page, url: str, path: str = "/") -> None:
    """By the form, as a person does; it leads to `path`."""
    page.goto(f"{url}/auth/login?next={quote(path)}")
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector("main h1")
