"""The pages while the way to the orchestrator is slow or broken, and while clocks disagree."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .clock import pass_time_until
from .conftest import Open, Start, Way
from .rail import rail
from .tap import Tap, write_tapped
from .troubled import Trouble
from .visitor import BANNER, PAGES, UNAVAILABLE, check_accessible, draw, settle
from .workshop import Workshop, until
from .written_jobs import write_three

SKELETON = "main [data-loading], main .mantine-Skeleton-root, main [aria-busy]"
ON_PURPOSE = ("answered 500", "status of 500")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LISTS_STALE_MS, DOCTOR_STALE_MS = 16_000, 31_000
"""Lists are taken for new for 15 s, the doctor's answer for 30 s."""


def heal(trouble: Trouble, alert: Locator) -> None:
    """End the trouble and ask again, unless the page has just asked by itself, as it does with each snapshot of its stream."""
    trouble.status = 0
    button = alert.get_by_role("button", name="Try again")
    # Found and pressed in one go: what is gone a moment later can't be missed.
    button.evaluate_all("(buttons) => buttons.forEach((each) => each.click())")
    expect(alert).to_have_count(0)


# ── slow ──


@pytest.mark.parametrize("path", PAGES)
def test_a_slow_answer_holds_up_no_page(three: Workshop, way: Way, visit: Open, path: str) -> None:
    slow = way(three)
    with slow.holding():
        page = visit(slow.url, path)
        expect(page.get_by_role("navigation", name="Pages").first).to_be_visible()
        if path not in ("/train",):  # its form needs no answer
            expect(page.locator(SKELETON).first).to_be_attached()
        expect(page.get_by_role("alert")).to_have_count(0)
    settle(page)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_is_known_stands_at_once_while_answers_are_slow(three: Workshop, way: Way, visit: Open) -> None:
    slow = way(three)
    page = visit(slow.url, "/jobs", clock=True)
    page.get_by_role("link", name="The second job").wait_for()
    rail(page, "Data")
    settle(page)
    page.clock.fast_forward(LISTS_STALE_MS)
    before = slow.trouble.count("GET /api/jobs")
    with slow.holding():
        rail(page, "Jobs")
        page.get_by_role("link", name="The second job").wait_for()
        until(lambda: slow.trouble.count("GET /api/jobs") > before)  # and it is asked for all the same


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
    three: Workshop, way: Way, visit: Open, path: str, broken: str, alive: str
) -> None:
    bad = way(three)
    bad.trouble.where, bad.trouble.status = rf"^{broken}$", 500
    page = visit(bad.url, path, forgive=ON_PURPOSE)
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


def test_home_stands_with_one_list_broken(three: Workshop, way: Way, visit: Open) -> None:
    bad = way(three)
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


def test_what_is_known_stays_when_asking_again_fails(three: Workshop, way: Way, visit: Open) -> None:
    """A page that was seen stands as it was, and says so once, above it."""
    bad = way(three)
    page = visit(bad.url, "/jobs", forgive=ON_PURPOSE, clock=True)
    seen: dict[str, list[str]] = {}
    for label in ALL:
        rail(page, label)
        settle(page)
        seen[label] = page.locator("main h2").all_inner_texts()
    page.clock.fast_forward(DOCTOR_STALE_MS)
    bad.trouble.where, bad.trouble.status = LISTS, 500
    for label in ALL:
        rail(page, label)
        page.get_by_text(FROM_BEFORE).wait_for()
        expect(page.locator("main").get_by_role("alert")).to_have_count(0)
        settle(page)
        expect(page.locator("main h2")).to_have_text(seen[label], use_inner_text=True)
    check_accessible(page, FROM_BEFORE)
    draw(page, "from-before")
    heal(bad.trouble, page.get_by_role("alert"))


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


AGO = r"(just now|\d+ s ago|[1-5] min ago)"
LASTS = r"(\d+(\.\d)? s|[1-5]:\d\d min)"
"""Less than the ten minutes by which a clock is off, however slow the machine is."""


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_server_whose_clock_is_off(start: Start, way: Way, visit: Open, tmp_path: Path, minutes: int) -> None:
    tap = Tap(tmp_path / "tap")

    def write(home: Path) -> None:
        write_three(home)
        write_tapped(home, "job-flood", tap)

    off = way(start(write))
    off.trouble.clock, off.trouble.rewrite = timedelta(minutes=minutes), shifted(timedelta(minutes=minutes))
    page = visit(off.url, "/jobs")
    row = page.get_by_role("row").filter(has_text="A flood")
    expect(row).to_contain_text("running")
    expect(row.get_by_role("time")).to_have_text(re.compile(rf"^{AGO}$"))
    expect(row.locator("td").nth(4)).to_have_text(re.compile(rf"^{LASTS}$"))  # took, so far
    rail(page, "Home")
    running = page.get_by_role("listitem").filter(has_text="A flood").first
    expect(running).to_contain_text(re.compile(rf"for {LASTS}"))
    tap.end()
    expect(page.get_by_text(re.compile(r"^Nothing runs\."))).to_contain_text(re.compile(rf"A flood.*{AGO}"))


def test_how_long_it_is_away_is_right_whatever_the_clocks_say(three: Workshop, way: Way, visit: Open) -> None:
    off = way(three)
    off.trouble.clock, off.trouble.rewrite = timedelta(minutes=10), shifted(timedelta(minutes=10))
    off.trouble.where, off.trouble.status = "^/api/events$", 503
    page = visit(off.url, "/jobs", forgive=UNAVAILABLE, clock=True)
    banner = page.get_by_text(BANNER)
    pass_time_until(page, banner)
    expect(banner).to_contain_text(re.compile(rf"{BANNER} {LASTS}\."))
    off.trouble.status = 0
    expect(banner).to_have_count(0)
