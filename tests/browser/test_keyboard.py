"""A release made with the keyboard alone, from the palette to the model's answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .conftest import Open
from .workshop import ANSWER, BASE, QUESTION, Workshop

pytestmark = pytest.mark.timeout(900)
MINUTES = 60_000
FOCUS = """() => {
  const at = document.activeElement;
  const label = at.labels?.[0]?.innerText ?? at.getAttribute('aria-label') ?? at.innerText ?? '';
  return [at.getAttribute('role') ?? at.tagName.toLowerCase(), label.trim().split('\\n')[0]];
}"""
SEEN = """() => {
  const at = document.activeElement;
  const near = [at, ...at.querySelectorAll('*'), at.parentElement, at.nextElementSibling].filter(Boolean);
  const outlined = (style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const drawn = near.map((each) => getComputedStyle(each)).some((style) => outlined(style) || style.boxShadow !== 'none');
  const box = at.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight && (drawn || /^(INPUT|TEXTAREA)$/.test(at.tagName));
}"""
"""The focus is in the window and drawn; a text field has its caret and border."""


@pytest.fixture
def typed(workshop: Workshop) -> Iterator[Workshop]:
    yield workshop
    workshop.call("DELETE", "/api/releases/typed")


def test_a_release_by_keyboard_alone(typed: Workshop, visit: Open) -> None:
    page = visit(typed.url, "/")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").wait_for()
    page.keyboard.type("Release")
    page.get_by_role("dialog").get_by_text("Release").first.wait_for()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/release"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("main h1").wait_for()
    fill_in(page)
    page.get_by_role("region", name="Plan").get_by_text("Memory").first.wait_for()
    to(page, "button", "Release")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/jobs/"))
    expect(page.get_by_role("heading", name="Release typed")).to_be_visible()  # the page before it has such links as well
    expect(page.get_by_role("link", name="Talk to it")).to_be_visible(timeout=5 * MINUTES)
    to(page, "a", "Talk to it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Right model")).to_have_value("typed")
    to(page, "textarea", "Question")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    for name, says in (("typed", True), (BASE, False)):
        answer = page.get_by_role("group", name=f"Answer of {name}", exact=True)
        expect(answer.get_by_role("button", name=re.compile("What the model saw"))).to_be_visible(timeout=3 * MINUTES)
        assert (ANSWER in answer.inner_text()) is says


def fill_in(page: Page) -> None:
    to(page, "combobox", "Adapter")
    page.keyboard.type("doors")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Chat template")).to_have_value("chatml")
    to(page, "input", "Name")
    page.keyboard.press("Control+a")
    page.keyboard.type("typed")
    to(page, "textarea", "System prompt")
    page.keyboard.type("Be brief.")


def to(page: Page, role: str, label: str) -> None:
    """By Tab, as often as it takes; what has the focus can be seen each time."""
    passed = []
    for _ in range(80):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUS))
        if passed[-1][0] != "body":
            assert page.evaluate(SEEN), f"one can't see that the focus is on {passed[-1]}"
        if passed[-1] == [role, label]:
            return
    raise AssertionError(f"Tab leads to no {role} “{label}”, but to {passed}")
