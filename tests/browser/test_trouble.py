"""The pages while the way to the orchestrator is slow, broken or cut off, while it is away, and while clocks disagree."""

from __future__ import annotations

import contextlib
import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as TookTooLong

from .conftest import Open, Start, Way
from .test_log_viewer import NO_ANSWER, check_all
from .troubled import Trouble, TroubledWay
from .visitor import PAGES, check_accessible, draw, settle
from .workshop import Workshop
from .written_jobs import write_flood, write_over

SLOW = 5.0
SKELETON = "main [data-loading], main .mantine-Skeleton-root, main [aria-busy]"
BANNER = "Tunesmith doesn’t answer since"
ON_PURPOSE = ("answered 500", "status of 500")
UNAVAILABLE = ("answered 503", "status of 503")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LOADED = "() => performance.timeOrigin"
"""Another number after a reload."""
AHEAD = "() => performance.getEntriesByType('resource').some((each) => each.name.includes('SystemPage'))"
"""The code of all pages was fetched ahead, that of System last."""


def write_three(home: Path) -> None:
    for name in ("first", "second", "third"):
        write_over(home, f"job-{name}", f"The {name} job", ("print", b"a line\n"))


def asked(trouble: Trouble, what: str) -> int:
    return sum(bool(re.fullmatch(what, each)) for each in trouble.asked)


def heal(trouble: Trouble, alert: Locator) -> None:
    """End the trouble and ask again. The stream's snapshot may have the page ask by itself just before the button is pressed."""
    trouble.status = 0
    with contextlib.suppress(TookTooLong):
        alert.get_by_role("button", name="Try again").click(timeout=2_000)
    expect(alert).to_have_count(0)


# ── slow ──


@pytest.mark.parametrize("path", PAGES)
def test_a_slow_answer_holds_up_no_page(start: Start, way: Way, visit: Open, path: str) -> None:
    slow = way(start(write_three))
    page = visit(slow.url, "/jobs")
    slow.trouble.delay = SLOW
    page.evaluate("() => sessionStorage.clear()")
    begun = time.monotonic()
    page.goto(f"{slow.url}{path}", wait_until="commit")
    page.locator("main h1").wait_for()
    expect(page.get_by_role("navigation", name="Pages").first).to_be_visible()
    assert time.monotonic() - begun < SLOW, "the page waited for an answer"
    if path not in ("/train",):  # its form needs no answer
        expect(page.locator(SKELETON).first).to_be_attached()
    expect(page.get_by_role("alert")).to_have_count(0)
    settle(page)
    slow.trouble.delay = 0
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_is_known_stands_at_once_while_answers_are_slow(start: Start, way: Way, visit: Open) -> None:
    slow = way(start(write_three))
    page = visit(slow.url, "/jobs")
    page.get_by_role("link", name="The second job").wait_for()
    rail(page, "Data")
    settle(page)
    page.wait_for_timeout(16_000)  # answers are taken for new for 15 s
    slow.trouble.delay = SLOW
    before = asked(slow.trouble, "GET /api/jobs")
    begun = time.monotonic()
    rail(page, "Jobs")
    page.get_by_role("link", name="The second job").wait_for()
    assert time.monotonic() - begun < SLOW / 2
    Workshop.until(lambda: asked(slow.trouble, "GET /api/jobs") > before)  # and it is asked for all the same


def rail(page: Page, label: str) -> None:
    page.get_by_role("navigation", name="Pages").first.get_by_role("link", name=label, exact=True).click()
    page.locator("main").get_by_role("heading", name=label, level=1).wait_for()


# ── broken ──


@pytest.mark.parametrize(
    ("path", "broken", "alive"),
    [
        ("/data", "/api/datasets", "Add rows"),
        ("/models", "/api/artifacts", "Bring in a base"),
        ("/runs", "/api/runs", "Train"),
        ("/jobs", "/api/jobs", "Failed"),
        ("/services", "/api/services", "Engines"),
        ("/release", "/api/releases", "Release"),
        ("/system", "/api/system/doctor", "Settings"),
    ],
)
def test_one_broken_list_says_so_and_leaves_the_rest_alive(
    start: Start, way: Way, visit: Open, path: str, broken: str, alive: str
) -> None:
    bad = way(start(write_three))
    page = visit(bad.url, "/chat", forgive=ON_PURPOSE)
    bad.trouble.where, bad.trouble.status = rf"^{broken}$", 500
    page.goto(f"{bad.url}{path}")
    alert = page.get_by_role("alert").filter(has_text="An error of ours")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text("On purpose.")
    expect(alert).to_contain_text("Heal the way, then try again.")
    settle(page)
    expect(page.locator("main").get_by_text(alive).first).to_be_visible()
    with page.expect_response(lambda answer: answer.url.partition("?")[0] == f"{bad.url}{broken}") as still:
        alert.get_by_role("button", name="Try again").click()
    assert still.value.status == bad.trouble.status
    expect(alert).to_have_count(1)
    heal(bad.trouble, alert)
    expect(page.get_by_role("alert")).to_have_count(0)
    settle(page)


def test_home_stands_with_one_list_broken(start: Start, way: Way, visit: Open) -> None:
    bad = way(start(write_three))
    bad.trouble.where, bad.trouble.status = r"^/api/datasets$", 500
    page = visit(bad.url, "/", forgive=ON_PURPOSE)
    alert = page.get_by_role("alert").filter(has_text="An error of ours")
    expect(alert).to_have_count(1)
    expect(page.locator("main").get_by_role("link", name=re.compile("The (first|second|third) job"))).to_be_visible()
    expect(page.get_by_text(re.compile("free of"))).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Bring in the starter")).to_be_visible()
    heal(bad.trouble, alert)
    expect(page.locator("main").get_by_text("Questions with the answers you want")).to_be_visible()


LISTS = "^/api/(artifacts|datasets|runs|releases|deployments|services|toolboxes|system|jobs)"
FROM_BEFORE = "Some of this page is what was known before"
ALL = ("Data", "Runs", "Models", "Release", "Chat", "Jobs", "Services", "System")


def test_what_is_known_stays_when_asking_again_fails(start: Start, way: Way, visit: Open) -> None:
    """A page that was seen stands as it was, and says so once, above it."""
    bad = way(start(write_three))
    page = visit(bad.url, "/jobs", forgive=ON_PURPOSE)
    seen = {}
    for label in ALL:
        rail(page, label)
        settle(page)
        seen[label] = page.locator("main h2").all_inner_texts()
    page.wait_for_timeout(31_000)  # the doctor's answer is taken for new for 30 s
    bad.trouble.where, bad.trouble.status = LISTS, 500
    for label in ALL:
        rail(page, label)
        page.get_by_text(FROM_BEFORE).wait_for()
        expect(page.locator("main").get_by_role("alert")).to_have_count(0)
        settle(page)
        assert page.locator("main h2").all_inner_texts() == seen[label], label
    check_accessible(page, FROM_BEFORE)
    draw(page, "from-before")
    heal(bad.trouble, page.get_by_role("alert"))


def test_a_page_that_was_opened_while_it_was_away_is_asked_for_again(start: Start, way: Way, visit: Open) -> None:
    """Also when the stream goes on where it was, without a snapshot."""
    away = way(start(write_three))
    page = visit(away.url, "/jobs", forgive=UNAVAILABLE)
    page.get_by_role("link", name="The second job").wait_for()
    page.wait_for_function(AHEAD)
    away.trouble.where, away.trouble.status, away.trouble.cut_after = "^/api/", 503, 0.1
    port = away.port
    away.close()
    again = TroubledWay(away.target, port)
    again.trouble.where, again.trouble.status = "^/api/", 503
    again.open()
    try:
        page.get_by_text(BANNER).wait_for()
        rail(page, "Data")
        alert = page.get_by_role("alert").filter(has_text="On purpose.")
        alert.wait_for()
        again.trouble.status = 0
        page.get_by_text("No rows are here yet").wait_for()
        expect(page.get_by_role("alert")).to_have_count(0)
    finally:
        page.context.close()
        again.close()


# ── away ──


def test_a_page_outlives_the_orchestrator(start: Start, visit: Open) -> None:
    workshop = start(write_three)
    page = visit(workshop.url, "/jobs", forgive=NO_ANSWER)
    page.get_by_role("link", name="The second job").wait_for()
    loaded = page.evaluate(LOADED)
    workshop.kill()
    page.get_by_text(BANNER).wait_for()
    expect(page.get_by_role("link", name="The second job")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    write_over(workshop.home, "job-fourth", "The fourth job", ("print", b"a line\n"))
    workshop.start()
    page.get_by_role("link", name="The fourth job").wait_for()
    expect(page.get_by_text(BANNER)).to_have_count(0)
    expect(page.get_by_role("row")).to_have_count(5)
    assert page.evaluate(LOADED) == loaded


def test_every_page_can_be_gone_to_while_it_is_away(start: Start, visit: Open) -> None:
    workshop = start(write_three)
    page = visit(workshop.url, "/jobs", forgive=NO_ANSWER)
    page.get_by_role("link", name="The second job").wait_for()
    page.wait_for_function(AHEAD)
    loaded = page.evaluate(LOADED)
    workshop.kill()
    page.get_by_text(BANNER).wait_for()
    for label in ("Data", "Runs", "Models", "Release", "Chat", "Services", "System", "Jobs"):
        rail(page, label)
        expect(page.get_by_text(BANNER)).to_be_visible()
    expect(page.get_by_role("link", name="The second job")).to_be_visible()
    rail(page, "Data")
    page.get_by_role("alert").filter(has_text="Tunesmith doesn't answer").wait_for()
    workshop.start()
    page.get_by_text("No rows are here yet").wait_for()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_text(BANNER)).to_have_count(0)
    assert page.evaluate(LOADED) == loaded


def test_a_page_whose_code_did_not_arrive_can_be_gone_to_later(start: Start, way: Way, visit: Open) -> None:
    bad = way(start(write_three))
    bad.trouble.status, bad.trouble.where = 503, "^/assets/SystemPage"
    page = visit(bad.url, "/jobs", forgive=(*UNAVAILABLE, "dynamically imported"))
    while not asked(bad.trouble, ".*/SystemPage.*"):
        page.wait_for_timeout(100)
    page.wait_for_timeout(1_000)
    bad.trouble.status = 0
    loaded = page.evaluate(LOADED)
    rail(page, "System")
    assert page.evaluate(LOADED) == loaded


def test_asking_again_while_it_is_away_is_no_storm(start: Start, way: Way, visit: Open) -> None:
    gone = way(start(write_three))
    page = visit(gone.url, "/", forgive=UNAVAILABLE)
    settle(page)
    loaded = page.evaluate(LOADED)
    gone.trouble.where, gone.trouble.status, gone.trouble.cut_after = "^/api/", 503, 0.1
    port = gone.port
    gone.close()  # what was open is cut off
    again = TroubledWay(gone.target, port)
    again.trouble.where, again.trouble.status = "^/api/", 503
    again.open()
    try:
        page.get_by_text(BANNER).wait_for()
        seconds = 20
        before = len(again.trouble.asked)
        page.wait_for_timeout(seconds * 1000)
        asked = [each for each in again.trouble.asked[before:] if "/api/" in each]  # the code of pages is fetched ahead meanwhile
        assert 2 <= len(asked) <= seconds, asked
        again.trouble.status = 0
        expect(page.get_by_text(BANNER)).to_have_count(0, timeout=15_000)
        assert page.evaluate(LOADED) == loaded
        page.wait_for_timeout(2_000)
        # The stream goes on where it was; a list is asked for once at most, to catch up.
        back = [each for each in again.trouble.asked[before:] if "events" not in each]
        assert all(back.count(each) <= 2 for each in back), back
    finally:
        page.context.close()
        again.close()


# ── cut off ──


def test_events_arrive_although_their_stream_is_cut_off_all_the_time(start: Start, way: Way, visit: Open) -> None:
    def write(home: Path) -> None:
        write_three(home)
        for number in range(4):
            write_flood(home, f"job-flood-{number}", 12, 5)

    cut = way(start(write))
    cut.trouble.cut_after = 2
    begun = time.monotonic()
    page = visit(cut.url, "/jobs", forgive=("ERR_INCOMPLETE",))
    expect(page.locator("main").get_by_role("row")).to_have_count(8)
    loaded = page.evaluate(LOADED)
    floods = page.get_by_role("row").filter(has_text="A flood")
    expect(floods.filter(has_text="done")).to_have_count(4, timeout=90_000)
    expect(page.locator("main").get_by_role("row")).to_have_count(8)  # the heading and seven jobs, none twice
    expect(page.get_by_text("Nothing runs now.")).to_be_visible()
    expect(page.get_by_text(BANNER)).to_have_count(0)
    took = time.monotonic() - begun
    streams = asked(cut.trouble, "GET /api/events")
    assert took / 4 <= streams <= took / 2 + 3
    assert asked(cut.trouble, "GET /api/jobs") <= 3, "each time that it came back it asked for all anew"
    assert page.evaluate(LOADED) == loaded


def test_a_log_whose_stream_is_cut_off_has_each_line_once(start: Start, way: Way, visit: Open) -> None:
    lines = 0

    def write(home: Path) -> None:
        nonlocal lines
        lines = write_flood(home, "job-flood", 12, 500)

    cut = way(start(write))
    cut.trouble.cut_after = 2
    page = visit(cut.url, "/jobs/job-flood", forgive=("ERR_INCOMPLETE",))
    page.get_by_text("complete", exact=True).wait_for(timeout=60_000)
    assert asked(cut.trouble, "GET /api/jobs/job-flood/log/stream") > 2
    check_all(page, lines)


# ── clocks ──


def shifted(by: timedelta) -> Any:
    """All times in an answer by another clock."""

    def move(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: move(each) for key, each in value.items()}
        if isinstance(value, list):
            return [move(each) for each in value]
        if isinstance(value, str) and STAMP.fullmatch(value):
            return (datetime.fromisoformat(value) + by).isoformat()
        return value

    return lambda path, answer: move(answer)


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_server_whose_clock_is_off(start: Start, way: Way, visit: Open, minutes: int) -> None:
    def write(home: Path) -> None:
        write_three(home)
        write_flood(home, "job-flood", 25, 5)

    off = way(start(write))
    off.trouble.clock, off.trouble.rewrite = timedelta(minutes=minutes), shifted(timedelta(minutes=minutes))
    page = visit(off.url, "/jobs")
    row = page.get_by_role("row").filter(has_text="A flood")
    expect(row).to_contain_text("running")
    expect(row.get_by_role("time")).to_have_text(re.compile(r"just now|\d\d? s ago"))
    expect(row.locator("td").nth(4)).to_have_text(re.compile(r"\d+(\.\d)? s"))  # took, so far
    rail(page, "Home")
    running = page.get_by_role("listitem").filter(has_text="A flood").first
    expect(running).to_contain_text(re.compile(r"for \d+(\.\d)? s"))
    expect(page.get_by_text("Nothing runs.")).to_contain_text(re.compile(r"A flood.*just now"), timeout=60_000)


def test_how_long_it_is_away_is_right_whatever_the_clocks_say(start: Start, way: Way, visit: Open) -> None:
    off = way(start(write_three))
    off.trouble.clock, off.trouble.rewrite = timedelta(minutes=10), shifted(timedelta(minutes=10))
    off.trouble.where, off.trouble.status = "^/api/events$", 503
    page = visit(off.url, "/jobs", forgive=UNAVAILABLE)
    expect(page.get_by_text(BANNER)).to_contain_text(re.compile(rf"{BANNER} \d\d?(\.\d)? s\."))
    off.trouble.status = 0
    expect(page.get_by_text(BANNER)).to_have_count(0)
