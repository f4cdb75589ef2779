"""Going from page to page by the rail, within one document; and whether it is still the same document."""

from __future__ import annotations

from playwright.sync_api import Page

MARK = "() => { window.sameDocument = true }"
MARKED = "() => window.sameDocument === true"


def rail(page: Page, label: str) -> None:
    page.get_by_role("navigation", name="Pages").first.get_by_role("link", name=label, exact=True).click()
    page.locator("main").get_by_role("heading", name=label, level=1).wait_for()


def mark(page: Page) -> None:
    page.evaluate(MARK)


def check_not_reloaded(page: Page) -> None:
    """Since it was marked."""
    assert page.evaluate(MARKED), "the page was loaded anew"
