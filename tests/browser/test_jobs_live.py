"""A job as several see it: two tabs, eight tabs, a reload in its middle, a cancel and the retry after it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Open, Start
from .tap import Tap, write_tapped
from .visitor import settle
from .workshop import Workshop
from .written_jobs import write_over


@dataclass(frozen=True)
class Flooded:
    """An installation with a job of the past, and one that runs until its tap says otherwise."""

    workshop: Workshop
    tap: Tap

    @property
    def url(self) -> str:
        return self.workshop.url


@pytest.fixture
def flooded(start: Start, tmp_path: Path) -> Flooded:
    tap = Tap(tmp_path / "tap")

    def write(home: Path) -> None:
        write_over(home, "job-past", "A job of the past", ("print", b"a line\n"))
        write_tapped(home, "job-flood", tap)

    return Flooded(start(write), tap)


def test_two_tabs_see_the_same(flooded: Flooded, visit: Open) -> None:
    first = visit(flooded.url, "/jobs")
    second = first.context.new_page()
    second.goto(f"{flooded.url}/jobs/job-flood")
    for page in (first, second):
        expect(page.locator("main").get_by_text("running", exact=True).first).to_be_visible()
    cancel(second)
    expect(first.get_by_role("row").filter(has_text="A flood")).to_contain_text("cancelled")
    expect(first.get_by_text("Nothing runs now.")).to_be_visible()


def test_eight_tabs_stay_alive(flooded: Flooded, visit: Open) -> None:
    """Over plain HTTP a browser has six connections to a host: what streams must be shared."""
    first = visit(flooded.url, "/jobs")
    tabs = [first, *(first.context.new_page() for _ in range(7))]
    for number, page in enumerate(tabs[1:], 1):
        page.goto(flooded.url + ("/jobs/job-flood" if shows_job(number) else "/jobs"))
    for page in tabs:
        settle(page)
        page.bring_to_front()
        page.get_by_role("navigation", name="Pages").first.get_by_role("link", name="Data", exact=True).click()
        expect(page.get_by_text("No rows are here yet")).to_be_visible()
        page.go_back()
    flooded.tap.end()
    for number, page in enumerate(tabs):
        job = page.get_by_role("main") if shows_job(number) else page.get_by_role("row").filter(has_text="A flood")
        expect(job.get_by_text("done", exact=True).first).to_be_visible()


def shows_job(tab: int) -> bool:
    """Every second of the eight tabs shows the job itself, the others the list."""
    return tab > 0 and tab % 2 == 0


def test_a_reload_in_the_middle_finds_the_job_and_a_cancel_is_shown_as_it_is(flooded: Flooded, visit: Open) -> None:
    page = visit(flooded.url, "/jobs/job-flood")
    expect(page.get_by_text("running", exact=True).first).to_be_visible()
    flooded.tap.pour(10)
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("a line of a flood")
    cancel(page)
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    expect(page.locator("main").get_by_text("cancelled").first).to_be_visible()
    assert flooded.workshop.get("/api/jobs/job-flood")["state"] == "cancelled"
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("button", name="Cancel…")).to_be_visible()
    cancel(page)
    expect(page.get_by_role("button", name="Retry")).to_be_visible()


def test_a_parity_report_is_waited_for(start: Start, visit: Open, tmp_path: Path) -> None:
    tap = Tap(tmp_path / "tap")
    workshop = start(lambda home: write_tapped(home, "job-compares", tap, "parity"))
    page = visit(workshop.url, "/jobs/job-compares?tab=parity")
    expect(page.get_by_text("running", exact=True).first).to_be_visible()
    expect(page.get_by_role("tabpanel")).to_contain_text("Not compared yet")


def cancel(page: Page) -> None:
    page.get_by_role("button", name="Cancel…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(re.compile("lost"))
    dialog.get_by_role("button", name="Cancel the job").click()
