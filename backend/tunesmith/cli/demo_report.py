"""Asking, scoring and saying what came out of the demo."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tunesmith.cli.client import Client
from tunesmith.cli.home import login_link
from tunesmith.cli.show import say, table
from tunesmith.settings import load_settings
from tunesmith.toolboxes.location import scripts_folder

MAX_TOKENS = 48
BARS = {"tuned_correct": 8, "base_correct": 2, "neighbours_leaked": 3, "same_text": 9}


@dataclass(frozen=True)
class Served:
    """The names that are asked."""

    base: str
    adapter: str
    merged: str


@dataclass(frozen=True)
class Asked:
    """One question and what everybody answered."""

    question: str
    expected: str
    """The taught value; empty for a neighbour's question."""
    base: str
    adapter: str
    merged: str
    peft: str

    @property
    def same(self) -> bool:
        return self.adapter.strip() == self.merged.strip() == self.peft.strip()


Answers = list[Asked]


def ask_all(client: Client, served: Served, questions: Path, reference: Path) -> Answers:
    """Every held-out and neighbour question to base, adapter and merged model, greedily."""
    asked = json.loads(questions.read_text(encoding="utf-8"))
    peft = {entry["question"]: entry["answer"] for entry in json.loads(reference.read_text(encoding="utf-8"))["answers"]}
    found = []
    all_questions = [*asked["held_out"], *asked["neighbours"]]
    for number, question in enumerate(all_questions, 1):
        if number % 5 == 0:
            say(f"asking base, adapter and merged model: {number} of {len(all_questions)} questions")
        text = question["text"]
        answers = {role: _answer(client, name, text) for role, name in asdict(served).items()}
        found.append(Asked(text, question["value"], peft=peft[text], **answers))
    return found


def _answer(client: Client, model: str, question: str) -> str:
    body = {
        "model": model,
        "messages": [{"role": "user", "content": question}],
        "temperature": 0,
        "max_tokens": MAX_TOKENS,
    }
    answer: dict[str, Any] = client.post("/v1/chat/completions", dict, body)
    content: str = answer["choices"][0]["message"]["content"]
    return content


def report(answers: Answers, questions: Path, seed: int, *, seconds: float, download_seconds: float) -> bool:
    """Print the answers and the score, write both to saves/demo, and say whether every bar was met."""
    folder = load_settings().place.saves / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "answers.json").write_text(json.dumps([asdict(entry) for entry in answers], indent=1, ensure_ascii=False) + "\n")
    held_out = [entry for entry in answers if entry.expected]
    score = {
        **_score(folder, questions, answers),
        "same_text": sum(entry.same for entry in held_out),
        "seed": seed,
        "seconds": round(seconds, 1),
        "download_seconds": round(download_seconds, 1),
    }
    (folder / "report.json").write_text(json.dumps(score, indent=1) + "\n")
    rows = [(entry.question, entry.base.strip()[:90], entry.adapter.strip()[:90]) for entry in answers]
    table(("question", "base", "tuned"), rows, "")
    passed: bool = (
        score["tuned_correct"] >= BARS["tuned_correct"]
        and score["base_correct"] <= BARS["base_correct"]
        and score["neighbours_leaked"] <= BARS["neighbours_leaked"]
        and score["same_text"] >= BARS["same_text"]
    )
    say(f"\ntuned: {score['tuned_correct']} of {score['total']} right   base: {score['base_correct']} of {score['total']} right")
    say(f"neighbour questions that drew a taught fact: {score['neighbours_leaked']} of {score['total']}")
    say(f"same text from adapter, merged model and trainer: {score['same_text']} of {len(held_out)}")
    say(f"took {seconds:.0f} s, {download_seconds:.0f} s of it to install toolboxes; written to {folder / 'report.json'}")
    if not passed:
        say("This is below what the demo promises (8 right, base at most 2, at most 3 leaked, 9 same): please report the seed.")
    return passed


def _score(folder: Path, questions: Path, answers: Answers) -> dict[str, Any]:
    """The score as the script that invented the facts counts it."""
    for role in ("base", "tuned"):
        said = [{"question": e.question, "answer": e.base if role == "base" else e.adapter} for e in answers]
        (folder / f"{role}.json").write_text(json.dumps({"answers": said}, ensure_ascii=False) + "\n")
    script = scripts_folder() / "demo" / "facts.py"
    files = ["--questions", str(questions), "--base", str(folder / "base.json"), "--tuned", str(folder / "tuned.json")]
    command = [sys.executable, str(script), "score", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    counted: dict[str, Any] = json.loads(done.stdout)
    return counted


def farewell(client: Client, served: Served) -> None:
    """How to go on from here."""
    url, me = client.access.url, program()
    end = "docker compose down" if client.access.stack else f"{me} down"
    body = json.dumps({"model": served.adapter, "messages": [{"role": "user", "content": "Hello"}]})
    say(f"""
Tunesmith goes on running. Its dashboard has the run, the releases and the models to compare; open it once with
    {login_link(client.access)}
(`{me} link` prints another)

ask by curl      curl {url}/v1/chat/completions -H "Authorization: Bearer $({me} token)" \\
                   -H 'Content-Type: application/json' -d '{body}'
from code        OpenAI(base_url="{url}/v1", api_key="<what `{me} token` prints>"), model="{served.adapter}"
chat             {me} chat {served.adapter}
your own rows    {me} train rows.jsonl --base {served.base} --name mine
                 {me} release mine --name mine
go back          {me} rollback {served.adapter}
stop it all      {end}""")


def program() -> str:
    """How this program is called from here: by its path in a checkout, by its name where that is found."""
    called = Path(sys.argv[0])
    found = shutil.which("tunesmith")
    # In the stack's container the program of that name runs a module.
    if called.name != "tunesmith" or (found and Path(found).resolve() == called.resolve()):
        return "tunesmith"
    return str(called.relative_to(Path.cwd()) if called.is_relative_to(Path.cwd()) else called)
