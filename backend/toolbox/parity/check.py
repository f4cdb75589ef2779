"""The parity gate: does the engine give the model the same tokens that training gave it?

`--rendering` is the trainer's side (`render.py`): every chat of the corpus as text and token ids, and the trained
template as `template.jinja`. The engine is started as a deployment starts it and asked for its own rendering; when it
differs, once more with the trained template. With an adapter, the canary (`canary.py`) runs as well.

Status 0: equal, or mended by the template. Status 1: blocked; the last line names the chat and the first difference.
Status 3: the check itself couldn't be made (no rendering, an engine that doesn't start).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import signal
import sys
from pathlib import Path
from typing import Any

import canary
from compare import Chat, Served, compare, describe, first_refused
from engine import Engine, EngineFailed, build, free_port, server_argv

# Real calls whose prompt length is compared, spread over the corpus. Each evaluates its prompt: one of 700 tokens takes a
# slow machine 5 s, and how chats are wrapped shows in short ones.
LENGTH_CALLS, LENGTH_TOKENS = 4, 256
# Context beyond the longest chat, for the canary's questions and answers.
CONTEXT_SPARE = 1024


class Unreadable(Exception):
    """The trainer's side is missing or isn't what `render.py` writes."""


def read_rendering(folder: Path) -> tuple[dict[str, Any], list[Chat]]:
    path = folder / "rendering.json"
    fields = ("name", "messages", "ids", "text")
    try:
        rendering = json.loads(path.read_text(encoding="utf-8"))
        chats = [
            Chat(**{f: chat[f] for f in fields}, literal_special=bool(chat.get("literal_special"))) for chat in rendering["chats"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{path} can't be read ({error}): render the corpus again") from error
    if not chats:
        raise Unreadable(f"{path} holds no chat: render the corpus again")
    return rendering, chats


def served(engine: Engine, chat: Chat) -> Served:
    try:
        text = engine.prompt(chat.messages)
        return Served(engine.tokenise(text), text)
    except EngineFailed as error:
        return Served([], "", str(error))


def length_call(engine: Engine, chat: Chat, expected: int) -> dict[str, Any]:
    """A real call: the prompt that was evaluated has to be as long as the one that was compared."""
    answer = engine.chat(chat.messages, [0.0] * engine.adapters, max_tokens=1, cache_prompt=False)
    counted = answer["usage"]["prompt_tokens"]
    return {"name": chat.name, "expected_tokens": expected, "prompt_tokens": counted, "equal": counted == expected}


def spread(chats: list[Chat]) -> list[Chat]:
    """A few of the chats, the longest that is quick to evaluate among them."""
    chats = [chat for chat in chats if len(chat.ids) <= LENGTH_TOKENS] or chats[:1]
    chosen = chats[:: max(1, len(chats) // (LENGTH_CALLS - 1))][: LENGTH_CALLS - 1]
    longest = max(chats, key=lambda chat: len(chat.ids))
    return chosen if longest in chosen else [*chosen, longest]


def check_round(engine: Engine, chats: list[Chat], template: str) -> dict[str, Any]:
    compared = [compare(chat, served(engine, chat)) for chat in chats]
    same = first_refused(compared) is None
    tokens = {chat["name"]: chat["served_tokens"] for chat in compared}
    calls = [length_call(engine, chat, tokens[chat.name]) for chat in spread(chats)] if same else []
    return {"template": template, "chats": compared, "prompt_length_calls": calls}


def passed(round_: dict[str, Any]) -> bool:
    return first_refused(round_["chats"]) is None and all(call["equal"] for call in round_["prompt_length_calls"])


def reason(round_: dict[str, Any]) -> str:
    refused = first_refused(round_["chats"])
    if refused is not None:
        return describe(refused)
    call = next(call for call in round_["prompt_length_calls"] if not call["equal"])
    return (
        f"chat “{call['name']}”: a real call evaluated {call['prompt_tokens']} tokens, "
        f"the compared prompt has {call['expected_tokens']}"
    )


def run_rounds(options: argparse.Namespace, chats: list[Chat], report: dict[str, Any]) -> None:
    """The engine's own template, then the trained one; the first that passes ends it, with the canary."""
    context = max(len(chat.ids) for chat in chats) + CONTEXT_SPARE
    for name, template in (("engine", None), ("trained", options.rendering / "template.jinja")):
        port = free_port()
        argv = server_argv(options.server_argv, options.model, options.adapter, context, port, template)
        print(f"parity: {len(chats)} chats with the {name} template: {' '.join(argv)}", flush=True)
        with Engine(argv, port, len(options.adapter)) as engine:
            round_ = check_round(engine, chats, name)
            report["rounds"].append(round_)
            if passed(round_):
                report["verdict"] = "equal" if template is None else "mended"
                if options.adapter:
                    print("parity: canary, base and tuned model in turn", flush=True)
                    report["canary"] = canary.run(engine, len(options.adapter), options.parity_canary)
                return
        print(f"parity: not equal: {reason(round_)}", flush=True)
        if not (options.rendering / "template.jinja").is_file():
            return


def conclude(report: dict[str, Any]) -> None:
    """The verdict with the canary's in it, and one sentence for people."""
    rounds, found = report["rounds"], report["canary"]
    total = len(rounds[-1]["chats"])
    excused = [chat["name"] for chat in rounds[-1]["chats"] if chat["accepted"] and not chat["equal"]]
    if report["verdict"] == "blocked":
        sentence = f"The engine doesn't give the model what training gave it: {reason(rounds[-1])}."
    elif found and found["verdict"] == "mixed":
        leak = found["leaks"][0]
        report["verdict"] = "blocked"
        sentence = (
            f"The engine mixes base and tuned model: the {leak['model']} model answered {leak['answer']!r} to "
            f"{leak['question']!r}, from a fresh state it answers {leak['wanted']!r}."
        )
    elif report["verdict"] == "equal":
        sentence = f"What is served is token for token what was trained ({total} chats, the model file's own template)."
    else:
        sentence = (
            f"The model file's own template isn't the trained one ({reason(rounds[0])}); "
            f"with the trained template all {total} chats are equal."
        )
    if excused and report["verdict"] != "blocked":
        sentence += f" The text of special tokens inside a message is read differently: {', '.join(excused)}."
    if found and found["warning"]:
        sentence += f" Warning: {found['warning']}."
    report["sentence"] = sentence


def write(path: Path, report: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def program(text: str) -> list[str]:
    words = json.loads(text)
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise ValueError(text)
    return words


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--server-argv", type=program, required=True, metavar="JSON", help='e.g. ["llama-server"]')
    p.add_argument("--model", type=Path, required=True, metavar="FILE.gguf")
    p.add_argument("--adapter", type=Path, action="append", default=[], metavar="FILE.gguf",
                   help="the one under test first; others that the deployment loads after it")  # fmt: skip
    p.add_argument("--rendering", type=Path, required=True, metavar="DIR")
    p.add_argument("--report", type=Path, required=True, metavar="OUT.json")
    p.add_argument("--parity-canary", action="append", metavar="QUESTION", help="asked of base and tuned in turn")
    return p


def main(argv: list[str]) -> int:
    options = parser().parse_args(argv)
    options.parity_canary = options.parity_canary or list(canary.QUESTIONS)
    # So that a cancelled check takes its engine with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        rendering, chats = read_rendering(options.rendering)
        report: dict[str, Any] = {
            "verdict": "blocked",
            "engine": {"name": "llama.cpp", "build": build(options.server_argv)},
            "corpus_sha256": rendering.get("corpus_sha256"),
            "trained_template": rendering.get("template"),
            "template_sha256": template_hash(options.rendering),
            "rounds": [],
            "canary": None,
        }
        run_rounds(options, chats, report)
        conclude(report)
        write(options.report, report)
    except (Unreadable, EngineFailed, OSError) as error:
        print(f"parity of {options.model}: {error}", file=sys.stderr, flush=True)
        return 3
    blocked = report["verdict"] == "blocked"
    print(f"parity of {options.model}: {report['sentence']}", file=sys.stderr if blocked else sys.stdout, flush=True)
    return 1 if blocked else 0


def template_hash(folder: Path) -> str | None:
    path = folder / "template.jinja"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
