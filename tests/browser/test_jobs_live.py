"""A job as several see it: two tabs, eight tabs, a reload in its middle, a cancel and the retry after it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import Open, Start
from .visitor import settle
from .written_jobs import write_flood, write_over

SECONDS = 40


def write_flood_and_past(home: Path) -> None:
    write_over(home, "job-past", "A job of the past", ("print", b"a line\n"))
    write_flood(home, "job-flood", SECONDS, 5)


def test_two_tabs_see_the_same(start: Start, visit: Open) -> None:
    workshop = start(write_flood_and_past)
    first = visit(workshop.url, "/jobs")
    second = first.context.new_page()
    second.goto(f"{workshop.url}/jobs/job-flood")
    for page in (first, second):
        expect(page.locator("main").get_by_text("running", exact=True).first).to_be_visible()
    cancel(second)
    expect(first.get_by_role("row").filter(has_text="A flood")).to_contain_text("cancelled")
    expect(first.get_by_text("Nothing runs now.")).to_be_visible()


def test_eight_tabs_stay_alive(start: Start, visit: Open) -> None:
    """Over plain HTTP a browser has six connections to a host: what streams must be shared."""
    workshop = start(write_flood_and_past)
    first = visit(workshop.url, "/jobs")
    tabs = [first, *(first.context.new_page() for _ in range(7))]
    for number, page in enumerate(tabs[1:]):
        page.goto(workshop.url + ("/jobs/job-flood" if number % 2 else "/jobs"))
    for page in tabs:
        settle(page)
        page.bring_to_front()
        page.get_by_role("navigation", name="Pages").first.get_by_role("link", name="Data", exact=True).click()
        expect(page.get_by_text("No rows are here yet")).to_be_visible()
        page.go_back()
    for page in tabs:
        expect(page.locator("main").get_by_text("succeeded").or_(page.locator("main").get_by_text("done")).first).to_be_visible(
            timeout=SECONDS * 1000
        )


def test_a_reload_in_the_middle_finds_the_job_and_a_cancel_is_shown_as_it_is(start: Start, visit: Open) -> None:
    workshop = start(write_flood_and_past)
    page = visit(workshop.url, "/jobs/job-flood")
    expect(page.get_by_text("running", exact=True).first).to_be_visible()
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("a line of a flood")
    cancel(page)
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    expect(page.locator("main").get_by_text("cancelled").first).to_be_visible()
    assert workshop.get("/api/jobs/job-flood")["state"] == "cancelled"
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("button", name="Cancel…")).to_be_visible()
    cancel(page)
    expect(page.get_by_role("button", name="Retry")).to_be_visible()


def cancel(page: Page) -> None:
    page.get_by_role("button", name="Cancel…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(re.compile("lost"))
    dialog.get_by_role("button", name="Cancel the job").click()
