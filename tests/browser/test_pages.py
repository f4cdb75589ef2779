"""Every page by its address: in both themes, on a desk and on a phone, with nothing that axe minds or the console says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from .conftest import Open
from .visitor import (
    BUTTONS,
    DESKTOP,
    OF_COLOUR,
    PAGES,
    PHONE,
    check_accessible,
    cut_buttons,
    draw,
    misfits,
    settle,
    sideways,
    wear,
)
from .workshop import Workshop

pytestmark = pytest.mark.timeout(900)

THEMES = {"desk": ["light", "dark"], "phone": ["dark", "light"]}
WIDTHS = (800, 1024, 1120, 1280)
DETAILS = (
    "/data/doors",
    "/runs/doors",
    "/models/saves/doors",
    "/release/doors",
    "/train?like=doors",
    "/release?adapter=saves/doors",
)


def addresses(workshop: Workshop) -> dict[str, str]:
    """Every page there is, the detail pages of what is in the workshop too."""
    jobs = {job["kind"]: job["id"] for job in workshop.get("/api/jobs")}
    tabs = [f"/jobs/{jobs['release']}?tab={tab}" for tab in ("commands", "parity", "artifacts")]
    dialogs = ["/data?add=file", "/data?add=here", "/release/doors?parity=1", "/system?log=true", "/chat?left=doors"]
    paths = [*PAGES, *DETAILS, f"/jobs/{jobs['train']}", *tabs, *dialogs, "/nowhere"]
    return {re.sub(r"[^a-z]+", "-", re.sub(r"job-[^?]*", "job", path)).strip("-") or "home": path for path in paths}


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_every_page_by_its_address(workshop: Workshop, visit: Open, width: str) -> None:
    """In both themes: it is opened in one and then shown in the other, and the next page the other way round."""
    size, themes = DESKTOP if width == "desk" else PHONE, list(THEMES[width])
    page = visit(workshop.url, viewport=size, color_scheme=themes[0], has_touch=width == "phone")
    faults: list[str] = []
    for name, path in addresses(workshop).items():
        page.goto(workshop.url + path)
        settle(page)
        for theme in themes:
            wear(page, theme)
            draw(page, f"{name}-{width}-{theme}")
            faults += faults_of(page, f"{path} ({theme})", () if theme == themes[0] else OF_COLOUR)
        themes.reverse()
    assert faults == [], "\n".join(faults)


def faults_of(page: Page, what: str, rules: Sequence[str]) -> list[str]:
    faults = []
    if wide := sideways(page):
        faults.append(f"{what} is {wide} px too wide")
    if cut := cut_buttons(page):
        faults.append(f"{what} cuts its buttons {cut}")
    try:
        check_accessible(page, what, rules)
    except AssertionError as found:
        faults.append(str(found))
    return faults


def test_every_button_is_in_sight_between_phone_and_desk(workshop: Workshop, empty: Workshop, visit: Open) -> None:
    faults: list[str] = []
    looked_at = 0
    for place, paths in ((workshop, [*PAGES, *DETAILS]), (empty, PAGES)):
        page = visit(place.url, viewport=ViewportSize(width=WIDTHS[0], height=800))
        for path in paths:
            page.goto(place.url + path)
            settle(page)
            looked_at += page.locator(BUTTONS).count()
            found = {width: misfits(page, ViewportSize(width=width, height=800)) for width in WIDTHS}
            faults += [f"{path} at {width} px: {what}" for width, what in found.items() if what]
    assert faults == [], "\n".join(faults)
    assert looked_at > 2 * len(PAGES)


def test_a_new_installation_teaches(empty: Workshop, visit: Open) -> None:
    themes = ["light", "dark"]
    page = visit(empty.url, color_scheme=themes[0])
    for path in PAGES:
        page.goto(empty.url + path)
        settle(page)
        for theme in themes:
            wear(page, theme)
            draw(page, f"empty-{path.strip('/') or 'home'}-{theme}")
            rules = () if theme == themes[0] else OF_COLOUR
            check_accessible(page, f"{path} of a new installation, {theme}", rules)
        themes.reverse()
    page.goto(f"{empty.url}/data")
    expect(page.get_by_text("No rows are here yet")).to_be_visible()
    page.goto(f"{empty.url}/release")
    expect(page.get_by_role("main").get_by_role("link", name="Bring in a base")).to_be_visible()


def test_an_address_that_leads_nowhere_says_so(workshop: Workshop, visit: Open) -> None:
    page = visit(workshop.url, forgive=("404",))
    for path in ("/jobs/job-gone", "/data/gone", "/runs/gone", "/models/saves/gone", "/release/gone"):
        page.goto(workshop.url + path)
        settle(page)
        expect(page.get_by_role("main").get_by_role("alert").first).to_be_visible()
        check_accessible(page, path)


def test_filters_live_in_the_address_and_the_back_button_undoes_them(workshop: Workshop, visit: Open) -> None:
    page = visit(workshop.url, "/jobs")
    expect(rows(page)).not_to_have_count(0)
    all_of_them = rows(page).count()
    page.get_by_role("searchbox").fill("no job is called this")
    expect(page).to_have_url(re.compile(r"\?q="))
    expect(rows(page)).to_have_count(0)
    page.goto(page.url)  # as by a link that was sent to somebody
    expect(page.get_by_role("searchbox")).to_have_value("no job is called this")
    page.get_by_role("searchbox").fill("")
    expect(rows(page)).to_have_count(all_of_them)
    page.get_by_role("link", name=re.compile("Release")).first.click()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/jobs$"))


def test_a_runs_page_says_one_step_and_one_loss(workshop: Workshop, visit: Open) -> None:
    """The curve is read at another moment than the list of runs: here it ends at step 10 of 16."""
    page = visit(workshop.url)

    def cut(route: Route) -> None:
        answer = route.fetch()
        columns = {name: value[:10] if isinstance(value, list) else value for name, value in answer.json().items()}
        route.fulfill(response=answer, json=columns)

    page.route("**/api/runs/doors/columns*", cut)
    page.goto(f"{workshop.url}/runs/doors")
    loss = page.get_by_role("region", name="Loss").locator("[class*=value]").first
    expect(page.get_by_role("main").locator("header")).to_contain_text("step 10 of 16")
    facts = page.get_by_role("main").locator("dl")
    expect(facts).to_contain_text("10 of 16")
    expect(facts).to_contain_text(f"Loss{loss.inner_text().strip()}")


def test_a_tilde_leads_to_the_users_own_folder(workshop: Workshop, visit: Open) -> None:
    page = visit(workshop.url, "/data?add=here")
    page.get_by_role("button", name="Choose a file of this machine").click()
    picker = page.get_by_role("dialog", name="A file with rows")
    path = picker.get_by_label("Filter by name, or a path to go to")
    path.fill("~")
    expect(picker.get_by_role("option")).to_have_text("Enter opens ~")
    path.press("Enter")
    expect(picker.get_by_role("navigation", name="Folder")).to_contain_text(str(Path.home()))


def rows(page: Page) -> Any:
    return page.get_by_role("main").locator("tbody tr:not([aria-hidden])")
