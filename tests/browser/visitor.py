"""A person at the dashboard: Debian's Chromium, and everything that may never happen while they are there."""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, TimeoutError, ViewportSize, expect

from integration.application import TOKEN

PATIENCE_MS = 60_000
"""What isn't there by then never will be; a machine may have other things to do."""
expect.set_options(timeout=PATIENCE_MS)
AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESKTOP = ViewportSize(width=390, height=844), ViewportSize(width=1440, height=900)
PICTURES = os.environ.get("TUNESMITH_TEST_PICTURES")
"""A folder into which pages are drawn, to be looked at."""
NO_ANSWER = (
    "ERR_CONNECTION",
    "ERR_SOCKET_NOT_CONNECTED",
    "ERR_INCOMPLETE",
    "ERR_EMPTY",
    "ERR_CONTENT_LENGTH",
    "Failed to load resource",
)
"""Words of what a browser says while nothing answers."""
UNAVAILABLE = ("answered 503", "status of 503")
BANNER = "Tunesmith doesn’t answer since"
PAGES = ("/", "/data", "/runs", "/train", "/models", "/release", "/chat", "/jobs", "/services", "/system")


@dataclass
class Watch:
    """What went wrong on the pages of one context. `forgiven`: words of what a test expects, such as the status 503."""

    origin: str
    wrong: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._said)
        context.on("weberror", lambda error: self.wrong.append(f"thrown: {error.error}"))
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def check(self) -> None:
        left = [each for each in self.wrong if not any(word in each for word in self.forgiven)]
        self.wrong.clear()
        assert left == [], "\n".join(left)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console {message.type}: {message.text} {message.location}")

    def _asked(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob") and f"{url.scheme}://{url.netloc}" != self.origin:
            self.wrong.append(f"asked elsewhere: {request.url}")

    def _failed(self, request: Request) -> None:
        # What a page gives up because it is left, or asks no more, isn't a failure.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"answered {response.status}: {response.request.method} {response.url}")


def let_in(context: BrowserContext, url: str) -> None:
    """Log the context in by its token, without the form."""
    answer = context.request.post(f"{url}/auth/login", form={"token": TOKEN}, headers={"Origin": url}, max_redirects=0)
    assert answer.status < 400, answer.text()


def log_in(page: Page, url: str, path: str = "/") -> None:
    """By the form, as a person does; it leads to `path`."""
    page.goto(f"{url}/auth/login?next={quote(path)}")
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector("main h1")


ON_THE_WAY = "[data-loading], .mantine-Skeleton-root, [role=log][aria-busy=true]"


def settle(page: Page) -> None:
    """Until the page has nothing on the way any more, shows no skeleton and opens no log."""
    page.wait_for_selector("main h1")
    page.wait_for_function(f"() => !document.querySelector(':is(main, [role=dialog]) :is({ON_THE_WAY})')")


WORN = """theme => document.documentElement.dataset.mantineColorScheme === theme
  && !document.getAnimations().some(each => each instanceof CSSTransition && each.playState === 'running')"""


def wear(page: Page, theme: str) -> None:
    """Show the page that is open in this theme, as when the system changes to it."""
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.wait_for_function(WORN, arg=theme)


@functools.cache
def axe() -> str:
    return AXE.read_text(encoding="utf-8")


OF_COLOUR = ("color-contrast", "link-in-text-block")
"""The rules of axe whose outcome a theme can change."""


def violations(page: Page, rules: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What axe finds by these rules, or by all that it has on, in short."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("async options => (await axe.run(document, options)).violations", options)
    return [{"rule": each["id"], "what": each["help"], "where": [node["target"] for node in each["nodes"]][:5]} for each in found]


def check_accessible(page: Page, what: str, rules: Sequence[str] = ()) -> None:
    found = violations(page, rules)
    assert found == [], f"{what}: {json.dumps(found, indent=1)}"


def draw(page: Page, name: str) -> None:
    """As a picture, where somebody wants to look at it."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


BUTTONS = "main :is(button, a)[data-size]"
CUT = """selector => {
  const clips = element => getComputedStyle(element).overflowX !== 'visible';
  const holders = element => element ? [element, ...holders(element.parentElement)] : [];
  const cut = button => {
    const right = button.getBoundingClientRect().right - 1;
    const [parent, ...above] = holders(button.parentElement);
    return [parent, ...above.filter(clips)].some(each => each.getBoundingClientRect().right < right);
  };
  return [...document.querySelectorAll(selector)]
    .filter(button => button.checkVisibility() && cut(button)).map(button => button.innerText || button.ariaLabel);
}"""


def cut_buttons(page: Page) -> list[str]:
    """Buttons of the page that stand out of what holds them, or are out of sight to the right."""
    cut: list[str] = page.evaluate(CUT, BUTTONS)
    return cut


WIDER = """() => {
  const wider = (element) => element.scrollWidth - element.clientWidth;
  return Math.max(wider(document.documentElement), wider(document.querySelector('main')));
}"""


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    wide: int = page.evaluate(WIDER)
    return wide


FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
LAID_OUT_MS = 10_000
"""Parts of a page learn of another width some frames later. Only a page that doesn't fit takes as long."""


def too_wide(page: Page, size: ViewportSize) -> int:
    """By how many pixels the open page is wider than a window of this size, once it is laid out for it."""
    _lay_out(page, size, f"() => ({WIDER})() <= 0")
    return sideways(page)


def misfits(page: Page, size: ViewportSize) -> str:
    """What of the open page doesn't fit a window of this size; empty when all does."""
    _lay_out(page, size, f"() => ({WIDER})() <= 0 && ({CUT})('{BUTTONS}').length === 0")
    wide, cut = sideways(page), cut_buttons(page)
    return " and ".join([*([f"{wide} px too wide"] if wide > 0 else []), *([f"cuts its buttons {cut}"] if cut else [])])


def _lay_out(page: Page, size: ViewportSize, fits: str) -> None:
    page.set_viewport_size(size)
    page.evaluate(FRAMES)
    with contextlib.suppress(TimeoutError):
        page.wait_for_function(fits, timeout=LAID_OUT_MS)
