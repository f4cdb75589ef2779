"""Does one engine with an adapter loaded keep base and tuned model apart, request by request?

The hazard is its prompt cache: a state computed under one adapter scale, re-used under another, answers from a model
that nobody asked for. So each question is asked of both in turn, with a foreign chat between, and each answer must be
the one that the same model gives from a fresh state.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

QUESTIONS = ("What is the capital of France?",)
# Unlike every question: it drives the engine to put the question's state away and to fetch it back.
FOREIGN, REPEATED = "Count the animals: ", "zebra, lion, heron; "
# Nats. The same model over a cached or a fresh prompt runs other kernels: below this it is rounding.
TOLERANCE = 0.15

# Alternatives that the engine tells for each token; a near tie is between the first two.
ALTERNATIVES = 5


@dataclass(frozen=True)
class Token:
    """A token of an answer, its log-probability, and those of the likeliest tokens at its place."""

    text: str
    logprob: float
    alternatives: dict[str, float]


Answer = list[Token]


@dataclass(frozen=True)
class Turns:
    """How much is asked of base and tuned model in turn, after both were asked from a fresh state."""

    times: int
    """How often both are asked; the foreign chat comes before the last time."""
    fresh: int
    """Tokens of the answers from a fresh state; the report shows them."""
    tokens: int
    """Tokens of the others, at most as many."""
    foreign: int
    """How often the foreign chat repeats its animals: the longer, the more of the cache it takes."""


THOROUGH = Turns(times=2, fresh=8, tokens=8, foreign=8)
# On a ground where the thorough ones were passed. These too catch an engine that keeps its prompt cache (test_parity.py).
SHORT = Turns(times=1, fresh=4, tokens=2, foreign=2)


class Chats(Protocol):
    def chat(self, messages: list[dict[str, Any]], scales: Sequence[float], **options: Any) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Model:
    """Base or tuned: a name for the report and the scale of each loaded adapter."""

    name: str
    scales: tuple[float, ...]


def same(one: Answer, other: Answer) -> bool:
    """Equal token by token and in their log-probabilities; from a near tie on, either way is right."""
    for mine, theirs in zip(one, other, strict=False):
        if mine.text != theirs.text:
            return near_tie(mine, theirs.text) and near_tie(theirs, mine.text)
        if abs(mine.logprob - theirs.logprob) > TOLERANCE:
            return False
    return len(one) == len(other)


def near_tie(token: Token, other: str) -> bool:
    """Whether rounding could have chosen `other` in the place of `token`."""
    return token.logprob - token.alternatives.get(other, -math.inf) <= TOLERANCE


def ask(engine: Chats, model: Model, question: str, fresh: bool, tokens: int) -> Answer:
    messages = [{"role": "user", "content": question}]
    options = {"max_tokens": tokens, "logprobs": True, "top_logprobs": ALTERNATIVES, "cache_prompt": not fresh}
    answer = engine.chat(messages, model.scales, **options)
    return [token(entry) for entry in answer["choices"][0]["logprobs"]["content"]]


def token(entry: dict[str, Any]) -> Token:
    """From the OpenAI format of `logprobs`."""
    alternatives = {other["token"]: other["logprob"] for other in entry["top_logprobs"]}
    return Token(entry["token"], entry["logprob"], alternatives)


def text(answer: Answer) -> str:
    return "".join(token.text for token in answer)


def leaks(
    engine: Chats, base: Model, tuned: Model, question: str, wanted: dict[str, Answer], turns: Turns
) -> list[dict[str, str]]:
    """Each answer that wasn't its own model's. The foreign chat comes while the tuned model's state is the engine's."""
    found = []
    asked = (base, tuned) * turns.times
    for turn, model in enumerate(asked):
        if turn == len(asked) - 2:
            ask(engine, base, FOREIGN + REPEATED * turns.foreign, fresh=False, tokens=1)
        answer = ask(engine, model, question, fresh=False, tokens=turns.tokens)
        if not same(answer, wanted[model.name][: turns.tokens]):
            found.append({"model": model.name, "question": question, "answer": text(answer), "wanted": text(wanted[model.name])})
    return found


def run(engine: Chats, adapters: int, questions: Sequence[str], turns: Turns = THOROUGH) -> dict[str, Any]:
    """Ask, and report: `verdict` is `apart` or `mixed`; `leaks` lists each answer that wasn't its own model's."""
    base = Model("base", (0.0,) * adapters)
    tuned = Model("tuned", (1.0,) + (0.0,) * (adapters - 1))
    wanted = {q: {m.name: ask(engine, m, q, fresh=True, tokens=turns.fresh) for m in (base, tuned)} for q in questions}
    mixed = [leak for q in questions for leak in leaks(engine, base, tuned, q, wanted[q], turns)]
    changes = any(not same(each["base"], each["tuned"]) for each in wanted.values())
    return {
        "verdict": "mixed" if mixed else "apart",
        "leaks": mixed,
        "changes_answers": changes,
        "warning": "" if changes else "the adapter changes nothing: base and tuned model answer alike",
        "questions": [{"question": q, "base": text(each["base"]), "tuned": text(each["tuned"])} for q, each in wanted.items()],
    }
