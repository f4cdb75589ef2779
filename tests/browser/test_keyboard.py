"""A release made with the keyboard alone, from the palette to the model's answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from kit.home import BASE, NAME, QUESTION
from kit.waiting import waiting

from .conftest import Open
from .person import MINUTES, answered, kept_answers
from .visitor import settle
from .workshop import Workshop

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("busy")]
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


GREEDY = {"typed": {"temperature": "0", "max_tokens": "24"}}
"""Of the chat's form: the likeliest token each time, and not many of them."""


@pytest.fixture
def typed(busy_workshop: Workshop) -> Iterator[Workshop]:
    busy_workshop.call("PUT", "/api/drafts/chat", json=GREEDY).raise_for_status()
    yield busy_workshop
    busy_workshop.call("DELETE", "/api/releases/typed")


def test_a_release_by_keyboard_alone(typed: Workshop, visit: Open) -> None:
    page = visit(typed.url, "/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox", name="Go to").or_(page.get_by_role("textbox", name="Go to"))).to_be_focused()
    page.keyboard.type("Release")
    expect(page.get_by_role("dialog").locator("[data-selected]")).to_contain_text("Release")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/release"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    settle(page)
    fill_in(page)
    plan = page.get_by_role("region", name="Plan")
    plan.get_by_text("Memory").first.wait_for()
    expect(plan.get_by_role("button", name="Release", exact=True)).to_be_enabled()  # Tab passes over what is disabled
    to(page, "button", "Release")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/jobs/"))
    expect(page.get_by_role("heading", name="Release typed")).to_be_visible()  # the page before it has such links as well
    with waiting("release"):
        expect(page.get_by_role("link", name="Talk to it")).to_be_visible(timeout=10 * MINUTES)
    to(page, "a", "Talk to it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Right model")).to_have_value("typed")
    to(page, "textarea", "Question")
    page.keyboard.type(QUESTION)
    page.get_by_text("temperature 0 · most tokens 24").wait_for()
    expect(page.get_by_role("button", name="Send")).to_be_enabled()
    page.keyboard.press("Enter")
    with waiting("engine"):
        for name in ("typed", BASE):
            answered(page, name)
    answers = kept_answers(page)
    assert answers["typed"] != answers[BASE], "without the adapter they'd be equal"


def fill_in(page: Page) -> None:
    to(page, "combobox", "Adapter")
    page.keyboard.type(NAME)
    expect(page.get_by_role("option", name=re.compile(NAME)).first).to_be_visible()
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
