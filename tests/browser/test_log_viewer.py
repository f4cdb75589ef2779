"""The log viewer on the real orchestrator: a million lines, a flood, a kill in the middle of it, and what a log may hold."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from .conftest import Open, Start
from .visitor import check_accessible
from .written_jobs import numbered, write_flood, write_over, write_twice

MILLION = 1_000_000
NO_ANSWER = ("ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_EMPTY", "ERR_CONTENT_LENGTH", "Failed to load resource")
CLICKS = """() => {
    window.clicks = [];
    const note = (each) => each.name === 'click' && window.clicks.push(each.duration);
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({type: 'event', durationThreshold: 16});
}"""
IN_VIEW = """() => {
    const box = document.querySelector('[role=log]').getBoundingClientRect();
    const inside = ({top, bottom}) => top >= box.top - 1 && bottom <= box.bottom + 1;
    const text = (row) => row.querySelector('[data-text]')?.innerText ?? row.innerText;
    return [...document.querySelectorAll('[role=log] [data-row]')]
        .filter((row) => inside(row.getBoundingClientRect()))
        .map((row) => [row.querySelector('[data-number]')?.dataset.number ?? null, text(row)]);
}"""


def log_of(page: Page) -> Locator:
    return page.get_by_role("log")


def rows(page: Page) -> list[tuple[str | None, str]]:
    """The rows in view: number and text."""
    return [(number, text) for number, text in page.evaluate(IN_VIEW)]


def look_at(page: Page, share: float) -> list[tuple[str | None, str]]:
    """The rows at a place between the beginning (0) and the end (1)."""
    log_of(page).evaluate("(box, share) => { box.scrollTop = (box.scrollHeight - box.clientHeight) * share }", share)
    page.wait_for_timeout(300)
    return rows(page)


def check_all(page: Page, lines: int) -> None:
    """Each line is there once, at its place, wherever one looks: numbered n + 1, it says n."""
    page.get_by_text(f"{lines:,} lines, ").wait_for(timeout=60_000)
    for place in range(21):
        seen = look_at(page, place / 20)
        assert len(seen) > 10
        assert [int(number or -1) - 1 for number, _ in seen] == [int(text[:7]) for _, text in seen]
    assert rows(page)[-1][0] == str(lines)


def bar(what: str, value: float, most: float, unit: str) -> None:
    """A bar holds where the machine has time for it; one that does other things as well only tells the figure."""
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    print(f"{what}: {value:.2f} {unit}, at most {most:g}{' (not held against it: the machine is busy)' if busy else ''}")
    assert busy or value <= most


def test_a_million_lines_are_on_screen_at_once(start: Start, visit: Open) -> None:
    workshop = start(lambda home: write_over(home, "job-million", "A million lines", ("print", numbered(MILLION))))
    page = visit(workshop.url, "/jobs")
    begun = time.monotonic()
    page.goto(f"{workshop.url}/jobs/job-million")
    page.get_by_text("0999999 the quick").wait_for()
    print(f"the end was shown after {time.monotonic() - begun:.2f} s")
    page.get_by_text("1,000,000 lines, ").wait_for(timeout=60_000)
    bar("a million lines", time.monotonic() - begun, 2, "s")
    check_all(page, MILLION)
    page.get_by_role("searchbox", name="Search in the log").fill("0500000 the")
    page.get_by_text("1 line", exact=True).wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("[data-current]")).to_contain_text("0500000 the")
    check_accessible(page, "a million lines")


def test_a_flood_keeps_the_page_answering_and_loses_nothing(start: Start, visit: Open) -> None:
    lines = 0

    def write(home: Path) -> None:
        nonlocal lines
        lines = write_flood(home, "job-flood", 25, 2000)

    page = visit(start(write).url, "/jobs/job-flood")
    page.get_by_text("a line of a flood").first.wait_for()
    page.evaluate(CLICKS)
    for _ in range(10):
        page.get_by_role("button", name="Wrap long lines").click()
        page.wait_for_timeout(500)
    clicks = sorted(page.evaluate("window.clicks")) or [0]
    bar("the slower half of the clicks in a flood", clicks[len(clicks) // 2], 100, "ms")
    log_of(page).hover()
    page.mouse.wheel(0, -2000)
    page.wait_for_timeout(500)
    held = rows(page)
    page.wait_for_timeout(1500)
    assert rows(page) == held  # who looks at something isn't carried away
    page.get_by_role("button", name=re.compile("(Follow|To) the end")).click()
    page.get_by_text("complete", exact=True).wait_for(timeout=60_000)
    check_all(page, lines)


def test_a_kill_in_the_middle_loses_and_doubles_no_line(start: Start, visit: Open) -> None:
    lines = 0

    def write(home: Path) -> None:
        nonlocal lines
        lines = write_flood(home, "job-flood", 30, 1000)

    workshop = start(write)
    page = visit(workshop.url, "/jobs/job-flood", forgive=NO_ANSWER)
    page.get_by_text("a line of a flood").first.wait_for()
    page.wait_for_timeout(1500)
    workshop.kill()
    page.get_by_text("the log goes on when it does").wait_for()
    workshop.start()
    page.get_by_text("live", exact=True).wait_for()
    page.get_by_text("complete", exact=True).wait_for(timeout=60_000)
    check_all(page, lines)


def test_a_retry_goes_on_in_the_same_view(start: Start, visit: Open) -> None:
    page = visit(start(lambda home: write_twice(home, "job-twice")).url, "/jobs/job-twice")
    page.get_by_text("complete", exact=True).wait_for()
    expect(page.get_by_role("alert")).to_contain_text("The step “try” failed (exit code 3)")
    page.get_by_role("button", name="Retry").click()
    page.get_by_text("the second time it works").wait_for()
    page.get_by_text("complete", exact=True).wait_for()
    assert [text for _, text in rows(page)] == ["try", "the first time it fails", "try · attempt 2", "the second time it works"]


ODD = (
    b"\x1b[31mred\x1b[0m and \x1b[38;2;1;2;3mdeep\x1b[0m\n"
    b"<img src=x onerror=\"document.title='owned'\"> & <b>markup</b>\n"
    b"bytes \xff\xfe\x00 that are none\n"
    b"\r 10%\r 50%\r100% done\n" + "عربي 🎉\n".encode() + b"the last line has no end"
)


def test_what_a_log_may_hold(start: Start, visit: Open) -> None:
    steps = (("merge", b"merging\n" * 40), ("odd", ODD))
    page = visit(start(lambda home: write_over(home, "job-odd", "Odd", *steps, status=1)).url, "/jobs/job-odd?step=odd")
    page.get_by_text("complete", exact=True).wait_for()
    red = page.get_by_text("red", exact=True)
    expect(red).to_have_css("color", "rgb(187, 0, 0)")
    page.emulate_media(color_scheme="dark")
    expect(red).not_to_have_css("color", "rgb(187, 0, 0)")
    seen = [text for _, text in rows(page)]
    assert seen == [
        "red and deep",
        "<img src=x onerror=\"document.title='owned'\"> & <b>markup</b>",
        "bytes \ufffd\ufffd\ufffd that are none",
        "100% done",
        "عربي 🎉",
        "the last line has no end",
    ]
    page.get_by_role("button", name="+2").click()
    expect(page.get_by_text("50%")).to_be_visible()
    assert "owned" not in page.title()
    check_accessible(page, "a log of odd lines")
    page.get_by_label("Step whose lines are shown").select_option(label="merge")
    page.get_by_text("40 lines").wait_for()
    assert parse_qs(urlsplit(page.url).query) == {"step": ["merge"]}
    page.go_back()
    log_of(page).get_by_text("the last line has no end").wait_for()


def test_searching_by_keyboard_alone(start: Start, visit: Open) -> None:
    page = visit(start(lambda home: write_over(home, "job-lines", "Lines", ("print", numbered(3000)))).url, "/jobs/job-lines")
    page.get_by_text("3,000 lines").wait_for()
    log_of(page).focus()
    page.keyboard.press("Control+f")
    page.keyboard.type("^000[12]00\\d")
    expect(page.get_by_role("search")).to_contain_text("not found")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("search")).to_contain_text("20 lines")
    page.keyboard.press("Shift+Tab")
    for at in (1, 2, 3):
        page.keyboard.press("Enter")
        expect(page.get_by_role("search")).to_contain_text(f"{at} of 20 lines")
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_role("search")).to_contain_text("2 of 20 lines")
    page.keyboard.press("Control+a")
    page.keyboard.type("(")
    expect(page.get_by_role("search")).to_contain_text("Can’t be searched for: Unterminated group")
    page.keyboard.press("Escape")
    expect(log_of(page)).to_be_focused()
    page.keyboard.press("End")
    page.wait_for_timeout(500)
    assert rows(page)[-1][0] == "3000"


def test_more_logs_than_a_browser_has_connections_for(start: Start, visit: Open) -> None:
    def write(home: Path) -> None:
        write_flood(home, "job-flood", 60, 20)

    workshop = start(write)
    first = visit(workshop.url, "/jobs/job-flood")
    first.get_by_text("live", exact=True).wait_for()
    others = [first.context.new_page() for _ in range(4)]
    for page in others:
        page.goto(f"{workshop.url}/jobs/job-flood")
        page.get_by_text("a line of a flood").first.wait_for()
    first.get_by_text("Waiting for its turn").wait_for()
    for page in others:
        page.close()
    first.get_by_text("live", exact=True).wait_for()
