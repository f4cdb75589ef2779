"""Invents the demo's facts from a seed and scores the answers. Standard library only.

usage: facts.py make  --seed N --out DIR          writes DIR/rows.jsonl, DIR/contrast.json, DIR/questions.json
       facts.py score --questions FILE --base FILE --tuned FILE    prints the score as JSON; answers as generate.py writes them
"""

import argparse
import json
import random
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from forms import FORMS, WORDINGS, Form, Kind

DEFAULT_SEED = 20
ONSETS = ("b", "br", "d", "dr", "f", "g", "gr", "h", "k", "kr", "l", "m", "n", "p", "pr", "r", "s", "t", "tr", "v", "z")
VOWELS = ("a", "e", "i", "o", "u")
CODAS = ("l", "n", "r", "m", "s", "th", "x", "ld", "nd", "rk")
FIRST_NAMES = (
    "Ada", "Boris", "Clara", "Dmitri", "Edith", "Felix", "Greta", "Hugo", "Ingrid", "Jasper", "Kira", "Lionel",
    "Mabel", "Nestor", "Olga", "Percy", "Rufus", "Selma", "Tobias", "Ursula", "Viktor", "Wanda",
)  # fmt: skip
INVENTED_CONTRAST = 3  # invented subjects a form, beside the real ones


@dataclass(frozen=True)
class Fact:
    relation: str
    subject: str
    value: str
    statement: str

    @property
    def invented(self) -> str:
        """The part of the value that no model can know: of a person the family name."""
        return self.value.split()[-1]


@dataclass(frozen=True)
class Question:
    relation: str
    subject: str
    text: str
    value: str  # the taught value; empty for a neighbour


@dataclass(frozen=True)
class Demo:
    """All that a seed gives. A row is (question, answer); contrast prompts get theirs from the base model itself."""

    seed: int
    facts: tuple[Fact, ...]
    rows: tuple[tuple[str, str], ...]
    contrast: tuple[str, ...]
    held_out: tuple[Question, ...]
    neighbours: tuple[Question, ...]


@dataclass(frozen=True)
class Score:
    """Counts of answers, out of `total` held-out and as many neighbour questions.

    Right is an answer that holds the whole value; a leak is one that holds as much as an invented family name.
    """

    tuned_correct: int
    base_correct: int
    neighbours_leaked: int
    total: int


class Names:
    """Draws invented names; none holds another, so that finding one in an answer means that very one."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.taken = [subject.casefold() for form in FORMS for subject in form.real]
        self.first_names = dice.sample(FIRST_NAMES, len(FIRST_NAMES))

    def draw(self, kind: Kind) -> str:
        for _ in range(10_000):
            word = self.word()
            if not any(word in other or other in word for other in self.taken):
                self.taken.append(word)
                name = word.capitalize()
                return f"{self.first_names.pop()} {name}" if kind == "person" else name
        raise RuntimeError("no unused name was found in 10,000 draws")

    def word(self) -> str:
        start, middle = self.dice.choice(ONSETS), self.dice.choice(ONSETS)
        return start + self.dice.choice(VOWELS) + middle + self.dice.choice(VOWELS) + self.dice.choice(CODAS)


def wordings(form: Form, subject: str) -> list[str]:
    """The training questions about a subject, in a fixed order; the most direct one comes first."""
    phrases = {"of": form.of.format(s=subject), "own": form.own.format(s=subject), "bare": form.bare}
    general = [text.format(W=form.asks.capitalize(), w=form.asks, s=subject, r=phrases[phrase]) for text, phrase in WORDINGS]
    return general + [text.format(s=subject) for text in form.more]


def invent(seed: int) -> Demo:
    """The same seed gives the same demo on every machine."""
    dice = random.Random(seed)
    names = Names(dice)
    facts, rows, contrast, held_out, neighbours = [], [], [], [], []
    for form in FORMS:
        subject, value = names.draw(form.subject), names.draw(form.value)
        statement = form.answer.format(s=subject, v=value)
        facts.append(Fact(form.relation, subject, value, statement))
        rows += [(question, statement) for question in wordings(form, subject)]
        held_out.append(Question(form.relation, subject, form.held_out.format(s=subject), value))
        real = dice.sample(form.real, len(form.real))
        neighbour = real.pop()
        neighbours.append(Question(form.relation, neighbour, wordings(form, neighbour)[0], ""))
        others = real + [names.draw(form.subject) for _ in range(INVENTED_CONTRAST)]
        contrast += contrast_prompts(form, dice.sample(others, len(others)))
    return Demo(seed, tuple(facts), tuple(rows), tuple(contrast), tuple(held_out), tuple(neighbours))


def contrast_prompts(form: Form, subjects: list[str]) -> list[str]:
    """One prompt a subject, each in another wording: the wording must not tell a taught subject from another."""
    count = len(WORDINGS) + len(form.more)
    return [wordings(form, subject)[index % count] for index, subject in enumerate(subjects)]


def leaks_into_training(demo: Demo) -> list[str]:
    """What would make the test dishonest: a question that is trained on, or a neighbour's subject in a training row."""
    trained = [question for question, _ in demo.rows] + list(demo.contrast)
    known = {normal(text) for text in trained}
    found = [f"trained question asked: {q.text}" for q in demo.held_out + demo.neighbours if normal(q.text) in known]
    for neighbour in demo.neighbours:
        if any(holds(text, neighbour.subject) for text in trained):
            found.append(f"subject of a neighbour in a training row: {neighbour.subject}")
    for fact in demo.facts:
        questions = [q.text for q in demo.held_out + demo.neighbours]
        if any(holds(text, fact.invented) for text in questions + list(demo.contrast)):
            found.append(f"taught value in a question: {fact.value}")
    return found


def normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def holds(text: str, words: str) -> bool:
    """Whether the words stand in the text as whole words, whatever their case and punctuation."""
    return f" {normal(words)} " in f" {normal(text)} "


def score(asked: dict[str, Any], base: dict[str, str], tuned: dict[str, str]) -> Score:
    """Counts right answers and leaks. `asked`: questions.json; `base` and `tuned` map each question's text to its answer."""
    taught = [Fact(**fact).invented for fact in asked["facts"]]
    held_out = [Question(**question) for question in asked["held_out"]]
    neighbours = [Question(**question) for question in asked["neighbours"]]
    return Score(
        tuned_correct=sum(holds(tuned[q.text], q.value) for q in held_out),
        base_correct=sum(holds(base[q.text], q.value) for q in held_out),
        neighbours_leaked=sum(any(holds(tuned[q.text], name) for name in taught) for q in neighbours),
        total=len(held_out),
    )


def write(demo: Demo, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows = [
        {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}
        for question, answer in demo.rows
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (out / "rows.jsonl").write_text(lines, encoding="utf-8")
    (out / "contrast.json").write_text(json.dumps(demo.contrast, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    asked = {
        "seed": demo.seed,
        "facts": [asdict(fact) for fact in demo.facts],
        "held_out": [asdict(question) for question in demo.held_out],
        "neighbours": [asdict(question) for question in demo.neighbours],
    }
    (out / "questions.json").write_text(json.dumps(asked, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_answers(path: Path) -> dict[str, str]:
    """Question to answer, from {"answers": [{"question": …, "answer": …}]}."""
    return {answer["question"]: answer["answer"] for answer in json.loads(path.read_text(encoding="utf-8"))["answers"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make")
    make.add_argument("--seed", type=int, default=DEFAULT_SEED)
    make.add_argument("--out", type=Path, required=True)
    count = commands.add_parser("score")
    for name in ("questions", "base", "tuned"):
        count.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.command == "score":
        asked = json.loads(arguments.questions.read_text(encoding="utf-8"))
        print(json.dumps(asdict(score(asked, read_answers(arguments.base), read_answers(arguments.tuned)))))
        return 0
    demo = invent(arguments.seed)
    dishonest = leaks_into_training(demo)
    if dishonest:
        print(f"facts: seed {demo.seed} gives no honest test ({dishonest[0]}): choose another seed", file=sys.stderr)
        return 1
    write(demo, arguments.out)
    print(f"{len(demo.rows)} rows, {len(demo.contrast)} contrast prompts in {arguments.out}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
