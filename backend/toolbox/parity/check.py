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
import signal
import sys
from pathlib import Path
from typing import Any

import canary
from compare import Chat, Served, compare, first_refused
from engine import Engine, EngineFailed, build, free_port, server_argv
from rounds import Unreadable, add_pieces, excused, length_result, passed, program, read_rendering, reason, spread, write

# Context beyond the longest chat, for the canary's questions and answers.
CONTEXT_SPARE = 1024


def served(engine: Engine, chat: Chat) -> Served:
    try:
        text = engine.prompt(chat.messages)
        return Served(engine.tokenise(text), text)
    except EngineFailed as error:
        return Served([], "", str(error))


def length_call(engine: Engine, chat: Chat, expected: int) -> dict[str, Any]:
    answer = engine.chat(chat.messages, [0.0] * engine.adapters, max_tokens=1, cache_prompt=False)
    return length_result(chat, expected, answer["usage"]["prompt_tokens"])


def check_round(engine: Engine, chats: list[Chat], template: str) -> dict[str, Any]:
    compared = [compare(chat, served(engine, chat)) for chat in chats]
    add_pieces(engine, compared)
    same = first_refused(compared) is None
    tokens = {chat["name"]: chat["served_tokens"] for chat in compared}
    calls = [length_call(engine, chat, tokens[chat.name]) for chat in spread(chats)] if same else []
    return {"template": template, "chats": compared, "prompt_length_calls": calls}


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


def training(report: dict[str, Any]) -> str:
    """By the template that the release was asked for, which may not be the run's."""
    return f"training with the template {report['trained_template']}" if report["trained_template"] else "training"


def conclude(report: dict[str, Any]) -> None:
    """The verdict with the canary's in it, and one sentence for people."""
    rounds, found = report["rounds"], report["canary"]
    total = len(rounds[-1]["chats"])
    if report["verdict"] == "blocked":
        sentence = f"The engine doesn't give the model what {training(report)} gave it: {reason(rounds[-1])}."
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
    if report["verdict"] != "blocked":
        sentence += excused(rounds[-1])
    if found and found["warning"]:
        sentence += f" Warning: {found['warning']}."
    report["sentence"] = sentence


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
    print(f"{report['sentence']} ({options.model.name})", file=sys.stderr if blocked else sys.stdout, flush=True)
    return 1 if blocked else 0


def template_hash(folder: Path) -> str | None:
    path = folder / "template.jinja"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
