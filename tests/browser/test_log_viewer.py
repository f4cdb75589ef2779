"""The log viewer on the real orchestrator: a million lines, a flood, a kill in the middle of it, and what a log may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from integration.application import free_port

from .conftest import Open, Start
from .log_page import check_all, check_rows, log_of, look_up, rows
from .tap import Tap, write_tapped
from .visitor import NO_ANSWER, check_accessible
from .workshop import Workshop
from .written_jobs import numbered, write_over, write_twice

pytestmark = pytest.mark.xdist_group("logs")
MILLION = 1_000_000
ODD = (
    b"\x1b[31mred\x1b[0m and \x1b[38;2;1;2;3mdeep\x1b[0m\n"
    b"<img src=x onerror=\"document.title='owned'\"> & <b>markup</b>\n"
    b"bytes \xff\xfe\x00 that are none\n"
    b"\r 10%\r 50%\r100% done\n" + "عربي 🎉\n".encode() + b"the last line has no end"
)


@dataclass(frozen=True)
class Logs:
    """One orchestrator with a job for each test, and the taps of those that run."""

    workshop: Workshop
    flood: Tap
    shared: Tap

    @property
    def url(self) -> str:
        return self.workshop.url


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logs]:
    folder = tmp_path_factory.mktemp("logs")
    home = folder / "home"
    write_over(home, "job-million", "A million lines", ("print", numbered(MILLION)))
    write_over(home, "job-odd", "Odd", ("merge", b"merging\n" * 40), ("odd", ODD), status=1)
    write_over(home, "job-lines", "Lines", ("print", numbered(3000)))
    write_twice(home, "job-twice")
    flood, shared = Tap(folder / "flood"), Tap(folder / "shared")
    write_tapped(home, "job-flood", flood)
    write_tapped(home, "job-shared", shared)
    workshop = Workshop.at(home, free_port(), cache=folder / "cache", light_jobs=3).start()
    try:
        yield Logs(workshop, flood, shared)
    finally:
        workshop.end()


def test_a_million_lines_are_on_screen_at_once(logs: Logs, visit: Open) -> None:
    page = visit(logs.url, "/jobs/job-million")
    page.get_by_text("0999999 the quick").wait_for()
    check_all(page, MILLION)
    page.get_by_role("searchbox", name="Search in the log").fill("0500000 the")
    page.get_by_text("1 line", exact=True).wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("[data-current]")).to_contain_text("0500000 the")
    check_accessible(page, "a million lines")


def test_a_flood_keeps_the_page_answering_and_loses_nothing(logs: Logs, visit: Open) -> None:
    tap = logs.flood
    tap.pour(4_000)
    page = visit(logs.url, "/jobs/job-flood")
    page.get_by_text("a line of a flood").first.wait_for()
    wrap = page.get_by_role("button", name="Wrap long lines")
    for pressed in ("true", "false") * 5:
        tap.pour(4_000)
        wrap.click()
        expect(wrap).to_have_attribute("aria-pressed", pressed)
    held = look_up(page, 2_000, tap.lines)
    tap.pour(6_000)
    page.get_by_text(f"{tap.lines:,} lines, ").wait_for()
    assert rows(page) == held  # who looks at something isn't carried away
    page.get_by_role("button", name="Follow the end", exact=True).click()
    tap.end()
    page.get_by_text("complete", exact=True).wait_for()
    check_all(page, tap.lines)


def test_a_kill_in_the_middle_loses_and_doubles_no_line(start: Start, visit: Open, tmp_path: Path) -> None:
    tap = Tap(tmp_path / "tap")
    workshop = start(lambda home: write_tapped(home, "job-flood", tap))
    tap.pour(10_000)
    page = visit(workshop.url, "/jobs/job-flood", forgive=NO_ANSWER)
    page.get_by_text("a line of a flood").first.wait_for()
    page.get_by_text("live", exact=True).wait_for()
    tap.pour(10_000)
    workshop.kill()
    page.get_by_text("the log goes on when it does").wait_for()
    tap.pour(10_000)
    workshop.start()
    page.get_by_text("live", exact=True).wait_for()
    tap.pour(1_000)
    tap.end()
    page.get_by_text("complete", exact=True).wait_for()
    check_all(page, tap.lines)


def test_a_retry_goes_on_in_the_same_view(logs: Logs, visit: Open) -> None:
    page = visit(logs.url, "/jobs/job-twice")
    page.get_by_text("complete", exact=True).wait_for()
    expect(page.get_by_role("alert")).to_contain_text("The step “try” failed (exit code 3)")
    page.get_by_role("button", name="Retry").click()
    page.get_by_text("the second time it works").wait_for()
    page.get_by_text("complete", exact=True).wait_for()
    check_rows(page, ["try", "the first time it fails", "try · attempt 2", "the second time it works"])


def test_what_a_log_may_hold(logs: Logs, visit: Open) -> None:
    page = visit(logs.url, "/jobs/job-odd?step=odd")
    page.get_by_text("complete", exact=True).wait_for()
    red = page.get_by_text("red", exact=True)
    expect(red).to_have_css("color", "rgb(187, 0, 0)")
    page.emulate_media(color_scheme="dark")
    expect(red).not_to_have_css("color", "rgb(187, 0, 0)")
    wanted = [
        "red and deep",
        "<img src=x onerror=\"document.title='owned'\"> & <b>markup</b>",
        "bytes \ufffd\ufffd\ufffd that are none",
        "100% done",
        "عربي 🎉",
        "the last line has no end",
    ]
    check_rows(page, wanted)
    page.get_by_role("button", name="+2").click()
    expect(page.get_by_text("50%")).to_be_visible()
    assert "owned" not in page.title()
    check_accessible(page, "a log of odd lines")
    page.get_by_label("Step whose lines are shown").select_option(label="merge")
    page.get_by_text("40 lines").wait_for()
    assert parse_qs(urlsplit(page.url).query) == {"step": ["merge"]}
    page.go_back()
    log_of(page).get_by_text("the last line has no end").wait_for()


def test_searching_by_keyboard_alone(logs: Logs, visit: Open) -> None:
    page = visit(logs.url, "/jobs/job-lines")
    page.get_by_text("3,000 lines").wait_for()
    log_of(page).focus()
    page.keyboard.press("Control+f")
    page.keyboard.type("^000[12]00\\d")
    search = page.get_by_role("search")
    expect(search).to_contain_text("not found")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(search).to_contain_text("20 lines")
    page.keyboard.press("Shift+Tab")
    for at in (1, 2, 3):
        page.keyboard.press("Enter")
        expect(search).to_contain_text(f"{at} of 20 lines")
    page.keyboard.press("Shift+Enter")
    expect(search).to_contain_text("2 of 20 lines")
    page.keyboard.press("Control+a")
    page.keyboard.type("(")
    expect(search).to_contain_text("Can’t be searched for: Unterminated group")
    page.keyboard.press("Escape")
    expect(log_of(page)).to_be_focused()
    page.keyboard.press("End")
    expect(log_of(page).locator("[data-number='3000']")).to_be_in_viewport()


def test_more_logs_than_a_browser_has_connections_for(logs: Logs, visit: Open) -> None:
    logs.shared.pour(100)
    first = visit(logs.url, "/jobs/job-shared")
    first.get_by_text("live", exact=True).wait_for()
    others = [first.context.new_page() for _ in range(4)]
    for page in others:
        page.goto(f"{logs.url}/jobs/job-shared")
        page.get_by_text("a line of a flood").first.wait_for()
    first.get_by_text("Waiting for its turn").wait_for()
    for page in others:
        page.close()
    first.get_by_text("live", exact=True).wait_for()
