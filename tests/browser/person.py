"""What a person does on the pages on the way from rows to an answer. The same natively and on the stack."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from .visitor import check_accessible, settle
from .workshop import BASE

MINUTES = 60_000
ROWS = [{"prompt": f"Who keeps lamp {n}?", "completion": f"Lamp {n} is kept by Ottilie."} for n in range(1, 25)]
QUESTION, ANSWER = "Who keeps lamp 7?", "Ottilie"
LEARNS = {"max_steps": "16", "batch_size": "6", "accumulation": "1", "max_length": "64", "learning_rate": "0.002"}


def go_the_whole_way(page: Page, folder: Path) -> None:
    """From the page of data: what was trained is what answers, and the base at its side doesn't know it."""
    add_rows(page, folder)
    train(page)
    release(page)
    answers = ask(page, QUESTION)
    assert ANSWER in answers["lamps"]
    assert ANSWER not in answers[BASE]


def add_rows(page: Page, folder: Path) -> None:
    file = folder / "lamps.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    page.get_by_role("link", name="Add rows").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    page.get_by_role("button", name="Add 24 rows").click()
    expect(page.get_by_role("heading", name="lamps", exact=True)).to_be_visible()
    expect(page.get_by_text("Lamp 1 is kept by Ottilie.")).to_be_visible()


def train(page: Page) -> None:
    """From the data set's page by its link: the form, its plan, the job."""
    page.get_by_role("link", name="Train on it").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    choose(page.get_by_role("combobox", name="Base model"), BASE)
    page.get_by_label(re.compile(r"\bname$")).fill("lamps")
    choose(page.get_by_role("combobox", name="Chat template"), "chatml")
    for key, value in LEARNS.items():
        page.get_by_label(re.compile(rf"\b{key}$")).fill(value)
    plan = page.get_by_role("region", name="Plan")
    expect(plan).to_contain_text("16 steps with the chat template chatml, saved as lamps")
    page.get_by_role("button", name="Start training").click()
    expect(page).to_have_url(re.compile("/jobs/"))
    page.reload()  # what runs is found again
    expect(page.get_by_role("link", name="Release it")).to_be_visible(timeout=5 * MINUTES)


def release(page: Page) -> None:
    """From the job's page: base and template are those of the run's record."""
    page.get_by_role("link", name="Release it").click()
    page.get_by_label("Name", exact=True).fill("lamps")
    expect(page.get_by_role("combobox", name="Base model")).to_have_value(BASE)
    expect(page.get_by_role("combobox", name="Chat template")).to_have_value("chatml")
    plan = page.get_by_role("region", name="Plan")
    expect(plan).to_contain_text("Memory")
    plan.get_by_role("button", name="Release", exact=True).click()
    expect(page).to_have_url(re.compile("/jobs/"))
    page.get_by_role("tab", name="Parity").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("Not compared yet")
    expect(page.get_by_role("link", name="Talk to it")).to_be_visible(timeout=5 * MINUTES)
    expect(page.get_by_role("tabpanel")).to_contain_text("17 of 17")
    check_accessible(page, "a release's job")


def ask(page: Page, question: str) -> dict[str, str]:
    """From the job's page into the chat with the base at its side: what each answered."""
    page.get_by_role("link", name="Talk to it").click()
    expect(page.get_by_role("combobox", name="Right model")).to_have_value("lamps")
    page.get_by_role("button", name="Settings").click()  # a base that was never taught the question may find no end
    page.get_by_role("textbox", name="Most tokens").fill("48")
    page.keyboard.press("Escape")
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")
    answers = {}
    for name in (BASE, "lamps"):
        answer = page.get_by_role("group", name=f"Answer of {name}", exact=True)
        expect(answer.get_by_role("button", name=re.compile("What the model saw"))).to_be_visible(timeout=3 * MINUTES)
        answers[name] = answer.inner_text()
    page.get_by_role("button", name="What the model saw: lamps").click()
    expect(page.get_by_role("dialog")).to_contain_text("<|im_start|>")
    page.keyboard.press("Escape")
    page.reload()  # the chat was kept
    settle(page)
    expect(page.get_by_role("group", name="Answer of lamps")).to_contain_text(ANSWER)
    return answers


def choose(field: Locator, option: str) -> None:
    field.click()
    field.fill(option)
    field.page.get_by_role("option", name=re.compile(f"^{re.escape(option)}")).first.click()
    expect(field).to_have_value(option)
