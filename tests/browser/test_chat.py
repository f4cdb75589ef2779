"""Answers are judged: by thumbs, and blind, when nobody knows whose they are."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Open
from .person import MINUTES
from .visitor import draw
from .workshop import ANSWER, BASE, QUESTION, Workshop

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("new_chat")]
CHAT = f"/chat?left={BASE}&right=doors"


@pytest.fixture
def new_chat(workshop: Workshop) -> None:
    """Settings of the chat before are kept, that it is blind too."""
    workshop.call("DELETE", "/api/drafts/chat").raise_for_status()


def test_a_blind_comparison_tells_whose_answer_it_was_only_when_it_was_judged(workshop: Workshop, visit: Open) -> None:
    page = visit(workshop.url, CHAT)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Blind comparison").click()
    page.get_by_label("Temperature").fill("0")  # the likeliest answer, so that the taught one is told from the base's
    page.get_by_role("textbox", name="Most tokens").fill("48")  # the base may find no end
    page.keyboard.press("Escape")
    ask(page)
    question = page.get_by_role("article", name="Question 1")
    verdict = page.get_by_role("group", name="Which answer is better?")
    expect(verdict).to_be_visible(timeout=3 * MINUTES)
    shown = {letter: page.get_by_role("group", name=f"Answer {letter}", exact=True) for letter in "AB"}
    better = next(letter for letter, answer in shown.items() if ANSWER in answer.inner_text())
    for letter, answer in shown.items():  # the prose of the base may well hold the word "doors"
        expect(answer.get_by_role("heading").first).to_have_text(f"Answer {letter}")
    assert BASE not in question.inner_text()
    assert not re.search(r"tokens/s|token/s", question.inner_text())  # whose speed it is would tell
    verdict.get_by_role("button", name=f"{better} is better").click()
    expect(verdict).to_have_count(0)
    expect(answer_of(page, "doors")).to_contain_text(ANSWER)
    check_preferred(page)
    page.reload()
    check_preferred(page)


def test_a_thumb_is_kept_and_can_be_taken_back(workshop: Workshop, visit: Open) -> None:
    page = visit(workshop.url, CHAT)
    ask(page)
    good = page.get_by_role("button", name="Good answer of doors")
    good.click(timeout=3 * MINUTES)
    expect(good).to_have_attribute("aria-pressed", "true")
    bad = page.get_by_role("button", name="Bad answer of doors")
    bad.click()
    expect(good).to_have_attribute("aria-pressed", "false")
    page.wait_for_timeout(1_000)  # it is kept a moment later
    page.reload()
    expect(bad).to_have_attribute("aria-pressed", "true")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "false")


def test_settings_show_the_engines_own_numbers_once_it_runs(workshop: Workshop, visit: Open) -> None:
    workshop.post("/api/deployments/doors:stop")
    page = visit(workshop.url, "/chat?left=doors")
    page.get_by_role("button", name="Settings").click()
    temperature = page.get_by_label("Temperature")
    expect(temperature).to_have_attribute("placeholder", "the engine’s own")
    workshop.post("/api/deployments/doors:start")
    expect(temperature).to_have_attribute("placeholder", "0.8", timeout=3 * MINUTES)
    expect(page.get_by_label("Min-p")).to_have_attribute("placeholder", "0.05")
    expect(page.get_by_label("Seed")).to_have_attribute("placeholder", "the engine’s own")
    draw(page, "chat-settings")


def ask(page: Page) -> None:
    page.get_by_label("Question", exact=True).fill(QUESTION)
    page.keyboard.press("Enter")


def answer_of(page: Page, model: str) -> Locator:
    return page.get_by_role("group", name=f"Answer of {model}", exact=True)


def check_preferred(page: Page) -> None:
    expect(page.get_by_role("button", name="Good answer of doors")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name=f"Bad answer of {BASE}")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("doors: preferred 1 time")).to_be_visible()
