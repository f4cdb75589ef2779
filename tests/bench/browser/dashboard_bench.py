"""What the dashboard costs a browser: bytes and time of Home, memory of a long watch, a large log against the raw file."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "bench"), str(Path(__file__).parent)]

from playwright.sync_api import Browser, BrowserContext, CDPSession, TimeoutError, sync_playwright  # noqa: E402
from rows import at_most, shown  # noqa: E402
from unwatched import Unwatched, wait_for_rest  # noqa: E402

from browser.conftest import CHROMIUM, FLAGS  # noqa: E402
from browser.troubled import TroubledWay  # noqa: E402
from browser.visitor import let_in, settle  # noqa: E402
from browser.workshop import Workshop  # noqa: E402
from browser.written_jobs import numbered, write_flood, write_over  # noqa: E402
from integration.application import free_port  # noqa: E402

ROUNDS = 5
EVENTS, JOBS_SEEN = 100_000, 200
FLOOD_SECONDS, FLOOD_LINES = 30, 2_000
MILLION = 1_000_000
RAW_SECONDS = 30
CLICKS = """() => {
    window.clicks = [];
    const note = (each) => each.name === 'click' && window.clicks.push(each.duration);
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({type: 'event', durationThreshold: 16});
}"""
FIRST_CLICK = """() => {
  const answered = () => {
    const link = document.querySelector('nav a[href="/data"]');
    const waits = document.querySelector('main [data-loading], main .mantine-Skeleton-root');
    if (!link || waits || !document.querySelector('main h1')) return requestAnimationFrame(answered);
    link.click();
    const went = () => location.pathname === '/data' ? (window.answered = performance.now()) : requestAnimationFrame(went);
    went();
  };
  document.addEventListener('DOMContentLoaded', answered);
}"""
"""Clicks as soon as Home shows what it knows; `answered`: ms from the navigation's start until the click had its effect."""


@contextlib.contextmanager
def workshop_with(browser: Browser, write: Any) -> Iterator[tuple[Workshop, BrowserContext]]:
    """An orchestrator on a home into which `write(home)` has put something, and somebody who is logged in there."""
    with tempfile.TemporaryDirectory(prefix="dashboard-bench-") as folder:
        home = Path(folder) / "home"
        write(home)
        workshop = Workshop.at(home, free_port(), cache=Path(folder) / "cache").start()
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        try:
            let_in(context, workshop.url)
            yield workshop, context
        finally:
            context.close()
            workshop.end()


def write_some(home: Path) -> None:
    for number in range(20):
        write_over(home, f"job-{number:02d}", f"Job number {number}", ("print", b"a line\n"))


# ── Home ──


def home_opens(browser: Browser, slower: int) -> float:
    """Seconds until Home answers a click, in a browser without a cache, the CPU so many times slower."""
    with workshop_with(browser, write_some) as (workshop, context):
        page = Unwatched(CHROMIUM, FLAGS, context.cookies())
        try:
            page.opens(workshop.url, f"({FIRST_CLICK})()", slower)
            return float(page.waits_for("window.answered", 60)) / 1000
        finally:
            page.close()


def home_takes(browser: Browser, slower: int) -> tuple[float, int]:
    """The same in a page that Playwright looks into, and the bytes that all answers took till then."""
    with workshop_with(browser, write_some) as (workshop, context):
        page = context.new_page()
        whole = browser.new_browser_cdp_session()
        wait_for_rest(lambda: whole.send("SystemInfo.getProcessInfo"))
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        received: list[float] = []
        session.on("Network.loadingFinished", lambda said: received.append(said["encodedDataLength"]))
        page.add_init_script(f"({FIRST_CLICK})()")
        page.goto(workshop.url, wait_until="commit")
        page.wait_for_function("() => window.answered", timeout=60_000)
        # What the click itself asked for is counted too: the figure is an upper bound.
        return page.evaluate("() => window.answered") / 1000, round(sum(received))


# ── a long watch ──


def heap(session: CDPSession) -> float:
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    return used


def frames(jobs: list[dict[str, Any]]) -> Iterator[bytes]:
    """Events as a busy installation has them: records of jobs that change all the time."""
    for number in range(EVENTS):
        one, later = number % JOBS_SEEN, datetime.now(UTC) + timedelta(seconds=number % JOBS_SEEN)
        job = jobs[0] | {"id": f"job-seen-{one}", "title": f"Seen {number}", "created_at": later.isoformat()}
        data = json.dumps({"kind": "job", "record": job})
        yield f"id: bench-{number}\nevent: job\ndata: {data}\n\n".encode()


def growth(browser: Browser) -> tuple[float, float]:
    """Bytes by which the heap of an open page grows with so many events, and the seconds that they took."""
    with workshop_with(browser, write_some) as (workshop, context):
        way = TroubledWay(workshop.url, free_port()).open()
        try:
            let_in(context, way.url)
            page = context.new_page()
            page.goto(f"{way.url}/jobs")
            settle(page)
            session = context.new_cdp_session(page)
            page.wait_for_timeout(5_000)
            before = heap(session)
            jobs = workshop.get("/api/jobs")
            way.trouble.more = [*frames(jobs)]
            begun = time.monotonic()
            workshop.kill()  # ends the stream; the next one brings the events
            workshop.start()
            page.get_by_text(f"Seen {EVENTS - 1}").first.wait_for(timeout=120_000)
            took = time.monotonic() - begun
            page.wait_for_timeout(2_000)
            return heap(session) - before, took
        finally:
            way.close()


# ── logs ──


def large_log(browser: Browser) -> tuple[float, float]:
    """Seconds until a log of a million lines is there in our view, and until the browser has the raw file, if ever."""
    write = lambda home: write_over(home, "job-million", "A million lines", ("print", numbered(MILLION)))  # noqa: E731
    with workshop_with(browser, write) as (workshop, context):
        page = context.new_page()
        page.goto(f"{workshop.url}/jobs")
        settle(page)
        begun = time.monotonic()
        page.goto(f"{workshop.url}/jobs/job-million")
        page.get_by_text("1,000,000 lines, ").wait_for(timeout=60_000)
        ours = time.monotonic() - begun
        raw = context.new_page()
        begun = time.monotonic()
        with contextlib.suppress(TimeoutError):
            raw.goto(f"{workshop.url}/api/jobs/job-million/log?step=print", wait_until="load", timeout=RAW_SECONDS * 1000)
        return ours, time.monotonic() - begun


def clicks_in_flood(browser: Browser) -> list[float]:
    """Milliseconds from a click to the next frame while a log of 2,000 lines a second is followed."""
    write = lambda home: write_flood(home, "job-flood", FLOOD_SECONDS, FLOOD_LINES)  # noqa: E731
    with workshop_with(browser, write) as (workshop, context):
        page = context.new_page()
        page.goto(f"{workshop.url}/jobs/job-flood")
        page.get_by_text("a line of a flood").first.wait_for()
        page.evaluate(CLICKS)
        for _ in range(30):
            page.get_by_role("button", name="Wrap long lines").click()
            page.wait_for_timeout(400)
        clicks: list[float] = page.evaluate("window.clicks")
        # Those under 16 ms aren't told by the browser.
        return sorted([16.0] * (30 - len(clicks)) + clicks)


def middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def measure() -> list[dict[str, Any]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            fast = [home_opens(browser, 1) for _ in range(ROUNDS)]
            slow = [home_opens(browser, 4) for _ in range(ROUNDS)]
            watched = [home_takes(browser, 4) for _ in range(ROUNDS)]
            grown, took = growth(browser)
            ours, raw = large_log(browser)
            clicks = clicks_in_flood(browser)
        finally:
            browser.close()
    return [
        at_most("Home: bytes until it answers a click", max(size for _, size in watched) / 1000, "kB", 350),
        shown("Home answers a click", middle(fast), "s"),
        at_most("Home answers a click, CPU throttled 4 times", middle(slow), "s", 1.5),
        shown("the same while Playwright looks into the page", middle([seconds for seconds, _ in watched]), "s"),
        at_most(f"heap growth by {EVENTS:,} events", grown / 1e6, "MB", 20),
        shown("events that a page took in a second", EVENTS / took, "/s"),
        at_most("a million lines are on screen", ours, "s", 2),
        shown(f"the same file raw in a browser tab, given up after {RAW_SECONDS} s", raw, "s"),
        shown("our view / the raw file", ours / raw, "×"),
        at_most("a click in a flood of 2,000 lines/s, median", middle(clicks), "ms", 100),
        at_most("a click in a flood of 2,000 lines/s, worst of 30", clicks[-1], "ms", 100),
    ]
