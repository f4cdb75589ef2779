"""What a person does on the pages on the way from rows to an answer. The same natively and on the stack."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from kit.home import BASE
from kit.waiting import waiting

from .visitor import check_accessible, settle
from .workshop import until

MINUTES = 60_000
ROWS = [{"prompt": f"Who keeps lamp {n}?", "completion": f"Lamp {n} is kept by Ottilie."} for n in range(1, 25)]
QUESTION, ANSWER = "Who keeps lamp 7?", "Ottilie"
LEARNS = {"max_steps": "16", "batch_size": "2", "accumulation": "1", "max_length": "64", "learning_rate": "0.002"}


def go_the_whole_way(page: Page, folder: Path) -> None:
    """From the page of data: what was trained is what answers, as parity proves, and the base at its side answers otherwise."""
    add_rows(page, folder)
    train(page)
    release(page)
    answers = ask(page, QUESTION)
    # A row that was trained until its loss was near zero, asked for the likeliest tokens: no float sum turns that.
    assert ANSWER in answers["lamps"]
    assert answers["lamps"] != answers[BASE], "without the adapter they'd be equal"


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
    expect(plan).to_contain_text(f"{LEARNS['max_steps']} steps with the chat template chatml, saved as lamps")
    page.get_by_role("button", name="Start training").click()
    expect(page).to_have_url(re.compile("/jobs/"))
    page.reload()  # what runs is found again
    with waiting("training"):
        expect(page.get_by_role("link", name="Release it")).to_be_visible(timeout=10 * MINUTES)


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
    # The comparison may be over before the page is there; what it says until then is proven in test_jobs_live.
    expect(page.get_by_role("tabpanel")).to_contain_text(re.compile("Not compared yet|17 of 17"))
    with waiting("release"):
        expect(page.get_by_role("link", name="Talk to it")).to_be_visible(timeout=10 * MINUTES)
    expect(page.get_by_role("tabpanel")).to_contain_text("17 of 17")
    check_accessible(page, "a release's job")


def ask(page: Page, question: str) -> dict[str, str]:
    """From the job's page into the chat with the base at its side: what each answered, taking the likeliest token each time."""
    page.get_by_role("link", name="Talk to it").click()
    expect(page.get_by_role("combobox", name="Right model")).to_have_value("lamps")
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Temperature").fill("0")
    page.get_by_role("textbox", name="Most tokens").fill("24")  # a base that was never taught the question may find no end
    page.keyboard.press("Escape")
    send(page, question)
    with waiting("engine"):
        for name in (BASE, "lamps"):
            answered(page, name)
    page.get_by_role("button", name="What the model saw: lamps").click()
    expect(page.get_by_role("dialog")).to_contain_text("<|im_start|>")
    page.keyboard.press("Escape")
    answers = kept_answers(page)
    page.reload()  # the chat was kept
    settle(page)
    expect(page.get_by_role("group", name="Answer of lamps")).to_contain_text(worded(answers["lamps"]))
    return answers


def send(page: Page, question: str) -> None:
    """Ask it in the chat, once the models of the page can be asked."""
    page.get_by_label("Question", exact=True).fill(question)
    expect(page.get_by_role("button", name="Send")).to_be_enabled()
    page.keyboard.press("Enter")


def answered(page: Page, model: str) -> Locator:
    """The answer of a model, once it has been given whole."""
    answer = page.get_by_role("group", name=f"Answer of {model}", exact=True)
    expect(answer.get_by_role("button", name=re.compile("What the model saw"))).to_be_visible(timeout=10 * MINUTES)
    expect(answer.get_by_role("alert")).to_have_count(0)
    return answer


KEPT = """async (id) => {
  const ask = async (path) => (await fetch(path)).json();
  if (!(await ask('/api/chats')).some((chat) => chat.id === id)) return false;
  const chat = await ask(`/api/chats/${id}`);
  return chat.turns.at(-1)?.answers.every((answer) => answer.finish || answer.error) && chat;
}"""
"""The chat once its last answers are whole. The list is asked first: a 404 would count as a fault of the page."""


def kept_chat(page: Page) -> dict[str, Any]:
    """The chat that the page shows, as it is kept with its last answers."""
    chat = parse_qs(urlsplit(page.url).query)["chat"][0]
    kept: list[dict[str, Any]] = []

    def is_kept() -> bool:
        # `wait_for_function` takes the promise itself for true.
        kept[:] = filter(None, [page.evaluate(KEPT, chat)])
        return bool(kept)

    until(is_kept)
    return kept[0]


def kept_answers(page: Page) -> dict[str, str]:
    """By its model the text of each answer of the last turn."""
    chat = kept_chat(page)
    return {chat["panes"][answer["pane"]]["model"]: answer["text"] for answer in chat["turns"][-1]["answers"]}


def worded(text: str) -> re.Pattern[str]:
    """The words of a text, however its markup is drawn."""
    return re.compile(r"\W+".join(re.findall(r"\w+", text)))


def choose(field: Locator, option: str) -> None:
    field.click()
    field.fill(option)
    field.page.get_by_role("option", name=re.compile(f"^{re.escape(option)}")).first.click()
    expect(field).to_have_value(option)
