"""The pages while the orchestrator is away, and while the way to it is cut off."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from playwright.sync_api import Page, expect

from .clock import StoppedTime, hand_in_clock, pass_time_until
from .conftest import Open, Start, Way
from .log_page import check_all
from .rail import check_not_reloaded, mark, rail
from .tap import Tap, write_tapped
from .troubled import EVENTS, TroubledWay
from .visitor import BANNER, NO_ANSWER, UNAVAILABLE, settle
from .workshop import Workshop, until
from .written_jobs import write_over, write_three

AHEAD = """() => new Promise((fetched) => {
  const heard = (list) => list.getEntries().some(({name}) => /SystemPage.*[.]js$/.test(name)) && fetched();
  new PerformanceObserver(heard).observe({type: 'resource', buffered: true});
})"""
"""The code of all pages was fetched ahead, that of System last."""
AHEAD_MS = 4_000
"""By then it has begun."""
NOT_ARRIVED = "addEventListener('vite:preloadError', () => { window.notArrived = true })"
BROKEN_OFF = ("ERR_INCOMPLETE",)
LOG_STREAM = "/api/jobs/job-flood/log/stream"


def came_back(way: TroubledWay, stream: str, times: int) -> bool:
    """After it was cut off so often."""
    return way.trouble.count(f"GET {stream}") > times


def fetch_ahead(page: Page) -> None:
    """The page has a handed-in clock."""
    page.clock.fast_forward(AHEAD_MS)
    page.evaluate(AHEAD)


# ── away ──


def test_a_page_that_was_opened_while_it_was_away_is_asked_for_again(three: Workshop, way: Way, visit: Open) -> None:
    """Also when the stream goes on where it was, without a snapshot."""
    away = way(three)
    page = visit(away.url, "/jobs", forgive=(*UNAVAILABLE, *BROKEN_OFF), clock=True)
    page.get_by_role("link", name="The second job").wait_for()
    fetch_ahead(page)
    away.trouble.where, away.trouble.status = "^/api/", 503
    away.cut()
    pass_time_until(page, page.get_by_text(BANNER))
    rail(page, "Data")
    pass_time_until(page, page.get_by_role("alert").filter(has_text="On purpose."))
    away.trouble.status = 0
    page.get_by_text("No rows are here yet").wait_for()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_page_outlives_the_orchestrator(start: Start, visit: Open) -> None:
    workshop = start(write_three)
    page = visit(workshop.url, "/jobs", forgive=NO_ANSWER, clock=True)
    page.get_by_role("link", name="The second job").wait_for()
    mark(page)
    workshop.kill()
    pass_time_until(page, page.get_by_text(BANNER))
    expect(page.get_by_role("link", name="The second job")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    write_over(workshop.home, "job-fourth", "The fourth job", ("print", b"a line\n"))
    workshop.start()
    page.get_by_role("link", name="The fourth job").wait_for()
    expect(page.get_by_text(BANNER)).to_have_count(0)
    expect(page.get_by_role("row")).to_have_count(5)
    check_not_reloaded(page)


def test_every_page_can_be_gone_to_while_it_is_away(start: Start, visit: Open) -> None:
    workshop = start(write_three)
    page = visit(workshop.url, "/jobs", forgive=NO_ANSWER, clock=True)
    page.get_by_role("link", name="The second job").wait_for()
    fetch_ahead(page)
    mark(page)
    workshop.kill()
    pass_time_until(page, page.get_by_text(BANNER))
    for label in ("Data", "Runs", "Models", "Release", "Chat", "Services", "System", "Jobs"):
        rail(page, label)
        expect(page.get_by_text(BANNER)).to_be_visible()
    expect(page.get_by_role("link", name="The second job")).to_be_visible()
    rail(page, "Data")
    pass_time_until(page, page.get_by_role("alert").filter(has_text="Tunesmith doesn't answer"))
    workshop.start()
    page.get_by_text("No rows are here yet").wait_for()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_text(BANNER)).to_have_count(0)
    check_not_reloaded(page)


def test_a_page_whose_code_did_not_arrive_can_be_gone_to_later(three: Workshop, way: Way, visit: Open) -> None:
    bad = way(three)
    bad.trouble.status, bad.trouble.where = 503, "^/assets/SystemPage"
    page = visit(bad.url, "/jobs", forgive=(*UNAVAILABLE, "dynamically imported"), clock=True, script=NOT_ARRIVED)
    page.clock.fast_forward(AHEAD_MS)
    page.wait_for_function("() => window.notArrived")
    assert bad.trouble.count(".*/SystemPage.*")
    bad.trouble.status = 0
    mark(page)
    rail(page, "System")
    check_not_reloaded(page)


def test_asking_again_while_it_is_away_is_no_storm(three: Workshop, way: Way, visit: Open) -> None:
    until(lambda: three.get("/api/system/load")["now"] is not None)  # the page asks often until then
    gone = way(three)
    hand_in_clock(gone.trouble)
    page = visit(gone.url, "/", forgive=(*UNAVAILABLE, *BROKEN_OFF), clock=True)
    settle(page)
    fetch_ahead(page)
    mark(page)
    stopped = StoppedTime(page)
    gone.trouble.where, gone.trouble.status = "^/api/", 503
    gone.cut()  # what was open is cut off
    stopped.pass_until(page.get_by_text(BANNER))
    seconds, before = 20, len(gone.trouble.asked)
    stopped.pass_seconds(seconds)
    asked = gone.trouble.asked[before:]
    assert 2 <= len(asked) <= seconds, asked
    gone.trouble.status = 0
    stopped.pass_seconds(5)  # it never waits for longer
    expect(page.get_by_text(BANNER)).to_have_count(0)
    check_not_reloaded(page)
    stopped.pass_seconds(2)
    page.evaluate("() => fetch('/api/health').then(() => undefined)")  # behind whatever the page asks
    # The stream goes on where it was; a list is asked for once at most, to catch up.
    back = [each for each in gone.trouble.asked[before:] if "events" not in each]
    assert all(back.count(each) <= 2 for each in back), back


# ── cut off ──


def test_events_arrive_although_their_stream_is_cut_off_all_the_time(start: Start, way: Way, visit: Open, tmp_path: Path) -> None:
    taps = [Tap(tmp_path / f"tap-{number}") for number in range(4)]

    def write(home: Path) -> None:
        write_three(home)
        for number, tap in enumerate(taps):
            write_tapped(home, f"job-flood-{number}", tap)

    cut = way(start(write, light_jobs=4))
    page = visit(cut.url, "/jobs", forgive=BROKEN_OFF)
    rows = page.locator("main").get_by_role("row")
    expect(rows).to_have_count(8)
    floods = rows.filter(has_text="A flood")
    expect(floods.filter(has=page.get_by_text("running", exact=True))).to_have_count(4)
    mark(page)
    for ended, tap in enumerate(taps, 1):
        cut.cut()
        tap.end()
        until(partial(came_back, cut, EVENTS, ended))
        expect(floods.filter(has=page.get_by_text("done", exact=True))).to_have_count(ended)
    expect(rows).to_have_count(8)  # the heading and seven jobs, none twice
    expect(page.get_by_text("Nothing runs now.")).to_be_visible()
    expect(page.get_by_text(BANNER)).to_have_count(0)
    assert cut.trouble.count(f"GET {EVENTS}") == len(taps) + 1
    assert cut.trouble.count("GET /api/jobs") <= 3, "each time that it came back it asked for all anew"
    check_not_reloaded(page)


def test_a_log_whose_stream_is_cut_off_has_each_line_once(start: Start, way: Way, visit: Open, tmp_path: Path) -> None:
    tap = Tap(tmp_path / "tap")
    cut = way(start(lambda home: write_tapped(home, "job-flood", tap)))
    page = visit(cut.url, "/jobs/job-flood", forgive=BROKEN_OFF)
    for times in range(1, 5):
        tap.pour(1_000)
        page.get_by_text(f"{tap.lines:,} lines, ").wait_for()
        cut.cut(LOG_STREAM)
        tap.pour(1_000)
        until(partial(came_back, cut, LOG_STREAM, times))
    tap.end()
    page.get_by_text("complete", exact=True).wait_for()
    check_all(page, tap.lines)
