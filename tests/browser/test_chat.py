"""Answers are judged: by thumbs, and blind, when nobody knows whose they are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kit.home import BASE, NAME, QUESTION
from kit.waiting import waiting

from .conftest import Open
from .person import MINUTES, kept_answers, kept_chat, send, worded
from .visitor import draw
from .workshop import Workshop, until

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("busy"), pytest.mark.usefixtures("new_chat")]
CHAT = f"/chat?left={BASE}&right={NAME}"
FEW = "8"
"""Tokens: in so few no answer can name its model, whatever it says."""


def test_a_blind_comparison_tells_whose_answer_it_was_only_when_it_was_judged(busy_workshop: Workshop, visit: Open) -> None:
    page = visit(busy_workshop.url, CHAT)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Blind comparison").click()
    page.get_by_role("textbox", name="Most tokens").fill(FEW)
    page.keyboard.press("Escape")
    send(page, QUESTION)
    question = page.get_by_role("article", name="Question 1")
    verdict = page.get_by_role("group", name="Which answer is better?")
    with waiting("engine"):
        expect(verdict).to_be_visible(timeout=10 * MINUTES)
    for letter in "AB":
        answer = page.get_by_role("group", name=f"Answer {letter}", exact=True)
        expect(answer.get_by_role("heading").first).to_have_text(f"Answer {letter}")
    assert BASE not in question.inner_text()
    assert not re.search(r"tokens/s|token/s", question.inner_text())  # whose speed it is would tell
    blind = page.get_by_role("group", name="Answer A", exact=True).inner_text()
    verdict.get_by_role("button", name="A is better").click()
    expect(verdict).to_have_count(0)
    better, worse = (BASE, NAME) if first_of(page) == BASE else (NAME, BASE)
    assert worded(kept_answers(page)[better]).search(blind), "the answer that was A is another model's now"
    check_preferred(page, better, worse)
    until(lambda: ratings(page) == {better: "up", worse: "down"})
    page.reload()
    check_preferred(page, better, worse)


def test_a_thumb_is_kept_and_can_be_taken_back(busy_workshop: Workshop, visit: Open) -> None:
    busy_workshop.call("PUT", "/api/drafts/chat", json={"typed": {"max_tokens": FEW}}).raise_for_status()
    page = visit(busy_workshop.url, CHAT)
    page.get_by_text(f"most tokens {FEW}").wait_for()
    send(page, QUESTION)
    good = page.get_by_role("button", name=f"Good answer of {NAME}")
    with waiting("engine"):
        good.click(timeout=10 * MINUTES)
    expect(good).to_have_attribute("aria-pressed", "true")
    bad = page.get_by_role("button", name=f"Bad answer of {NAME}")
    bad.click()
    expect(good).to_have_attribute("aria-pressed", "false")
    until(lambda: ratings(page)[NAME] == "down")
    page.reload()
    expect(bad).to_have_attribute("aria-pressed", "true")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "false")
    until(lambda: ratings(page)[NAME] is None)


def test_settings_show_the_engines_own_numbers_once_it_runs(busy_workshop: Workshop, visit: Open) -> None:
    busy_workshop.post(f"/api/deployments/{NAME}:stop")
    page = visit(busy_workshop.url, f"/chat?left={NAME}")
    page.get_by_role("button", name="Settings").click()
    temperature = page.get_by_label("Temperature")
    expect(temperature).to_have_attribute("placeholder", "the engine’s own")
    busy_workshop.post(f"/api/deployments/{NAME}:start")
    with waiting("engine"):
        expect(temperature).to_have_attribute("placeholder", "0.8", timeout=10 * MINUTES)
    expect(page.get_by_label("Min-p")).to_have_attribute("placeholder", "0.05")
    expect(page.get_by_label("Seed")).to_have_attribute("placeholder", "the engine’s own")
    draw(page, "chat-settings")


def first_of(page: Page) -> str:
    """Whose answer stands first, now that it is told."""
    named = page.get_by_role("group", name=re.compile("^Answer of ")).first.get_attribute("aria-label")
    assert named is not None
    return named.removeprefix("Answer of ")


def ratings(page: Page) -> dict[str, Any]:
    """By its model what is kept of how each answer was judged."""
    chat = kept_chat(page)
    return {chat["panes"][answer["pane"]]["model"]: answer["rating"] for answer in chat["turns"][-1]["answers"]}


def check_preferred(page: Page, better: str, worse: str) -> None:
    expect(page.get_by_role("button", name=f"Good answer of {better}")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name=f"Bad answer of {worse}")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text(f"{better}: preferred 1 time")).to_be_visible()
