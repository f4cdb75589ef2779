"""The dashboard in Debian's Chromium, on the real orchestrator and the real tools.

Run by two workers at once (`-n 2 --dist loadgroup`): each has its own browser and its own workshops.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from integration.application import free_port
from kit.home import copy_tuned

from .troubled import TroubledWay
from .visitor import DESKTOP, PATIENCE_MS, Watch, let_in, log_in
from .workshop import Workshop
from .written_jobs import write_three

CHROMIUM = shutil.which("chromium")
# Without these it looks for its maker's servers at every start.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
FIRST = ("keyboard", "way", "chat", "log_viewer", "pages", "markup", "many")
"""What takes long comes first, so that both workers end together."""
Open = Callable[..., Page]
Start = Callable[..., Workshop]
Way = Callable[[Workshop], TroubledWay]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {f"test_{name}.py": rank for rank, name in enumerate(FIRST)}
    ours = [item for item in items if item.path.parent == Path(__file__).parent]
    ours.sort(key=lambda item: ranks.get(item.path.name, len(ranks)))
    items[:] = [item for item in items if item not in ours] + ours


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        why = "needs Debian's chromium: apt install chromium"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def _lasting(home: Path, **settings: object) -> Iterator[Workshop]:
    started = Workshop.at(home, free_port(), **settings).start()
    try:
        yield started
    finally:
        started.end()


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Rows, a base, an adapter trained on it and its release. It is only looked at: tests leave it as it is."""
    home = tmp_path_factory.mktemp("workshop") / "home"
    copy_tuned(home)
    yield from _lasting(home)


@pytest.fixture(scope="session")
def busy_workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Another one, in which tests train, release and chat: all of one group, one after the other."""
    home = tmp_path_factory.mktemp("busy") / "home"
    copy_tuned(home)
    yield from _lasting(home)


@pytest.fixture
def new_chat(busy_workshop: Workshop) -> None:
    """Settings of the chat before are kept, that it is blind too."""
    busy_workshop.call("DELETE", "/api/drafts/chat").raise_for_status()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """A new installation, only looked at: nothing is there, no toolbox either."""
    folder = tmp_path_factory.mktemp("empty")
    yield from _lasting(folder / "home", cache=folder / "cache")


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """An installation with three jobs that are over, only looked at."""
    folder = tmp_path_factory.mktemp("three")
    write_three(folder / "home")
    yield from _lasting(folder / "home", cache=folder / "cache")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(write, **settings)` → an orchestrator on a home into which `write(home)` has put some jobs."""
    started: list[Workshop] = []

    def starting(write: Callable[[Path], object], **settings: object) -> Workshop:
        home = tmp_path / "home"
        write(home)
        started.append(Workshop.at(home, free_port(), cache=tmp_path / "cache", **settings).start())
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
def visit(browser: Browser) -> Iterator[Open]:
    """`visit(url, path="/", **context options)` → a page that is logged in there. At the end nothing may have gone wrong.

    `forgive`: words of what may go wrong. `clock`: its time can be run ahead (`page.clock`). `script`: run before the page's own.
    `by_form`: logged in as a person does it.
    """
    contexts: list[tuple[BrowserContext, Watch]] = []

    def opened(
        url: str,
        path: str = "/",
        *,
        forgive: tuple[str, ...] = (),
        clock: bool = False,
        script: str = "",
        by_form: bool = False,
        **options: object,
    ) -> Page:
        context = browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce", **options})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        if clock:
            context.clock.install()
        if script:
            context.add_init_script(script)
        watch = Watch(url, forgiven=list(forgive))
        watch.over(context)
        contexts.append((context, watch))
        page = context.new_page()
        if by_form:
            log_in(page, url, path)
            return page
        let_in(context, url)
        page.goto(url + path)
        page.wait_for_selector("main h1")
        return page

    yield opened
    for context, watch in contexts:
        context.close()
        watch.check()
