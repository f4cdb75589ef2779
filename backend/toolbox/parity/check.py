"""The parity gate: does the engine give the model the same tokens that training gave it?

`--rendering` is the trainer's side (`render.py`): every chat of the corpus as text and token ids, and the trained
template as `template.jinja`. The engine is started as a deployment starts it and asked for its own rendering; when it
differs, once more with the trained template. With an adapter, the canary (`canary.py`) runs as well; what was proved
before on the same ground (`proofs.py`, `--proofs`) isn't compared again.

Status 0: equal, or mended by the template. Status 1: blocked; the last line names the chat and the first difference.
Status 3: the check itself couldn't be made (no rendering, an engine that doesn't start).
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import canary
from compare import Chat, Served, compare, first_refused
from engine import Engine, EngineFailed, build, free_port, server_argv
from proofs import Ground, Proofs, digest
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


@dataclass(frozen=True)
class Gate:
    """One check: its options, the chats, and the report that it fills."""

    options: argparse.Namespace
    chats: list[Chat]
    report: dict[str, Any]

    @contextlib.contextmanager
    def engine(self, name: str) -> Iterator[Engine]:
        """As a deployment starts it, with the template `name`: its own (`engine`) or the trained one."""
        options, port = self.options, free_port()
        context = max(len(chat.ids) for chat in self.chats) + CONTEXT_SPARE
        template = options.rendering / "template.jinja" if name == "trained" else None
        argv = server_argv(options.server_argv, options.model, options.adapter, context, port, template)
        print(f"parity: the engine with the {name} template: {' '.join(argv)}", flush=True)
        with Engine(argv, port, len(options.adapter)) as engine:
            yield engine

    def compare(self) -> None:
        """The engine's own template, then the trained one; the first that passes ends it, with the canary."""
        for name, verdict in (("engine", "equal"), ("trained", "mended")):
            with self.engine(name) as engine:
                print(f"parity: {len(self.chats)} chats", flush=True)
                round_ = check_round(engine, self.chats, name)
                self.report["rounds"].append(round_)
                if passed(round_):
                    self.report["verdict"] = verdict
                    self.sing(engine, canary.THOROUGH)
                    return
            print(f"parity: not equal: {reason(round_)}", flush=True)
            if not (self.options.rendering / "template.jinja").is_file():
                return

    def rely_on(self, proof: dict[str, Any]) -> None:
        """The chats are proved: the adapter has only to load, and to be kept apart from the base."""
        print(f"parity: compared before ({proof['proved_at']}), for an earlier adapter on the same files and engine", flush=True)
        self.report.update(proof)
        with self.engine(proof["rounds"][-1]["template"]) as engine:
            self.sing(engine, canary.SHORT)

    def sing(self, engine: Engine, turns: canary.Turns) -> None:
        if self.options.adapter:
            print("parity: canary, base and tuned model in turn", flush=True)
            self.report["canary"] = canary.run(engine, len(self.options.adapter), self.options.parity_canary, turns)


def training(report: dict[str, Any]) -> str:
    """By the template that the release was asked for, which may not be the run's."""
    return f"training with the template {report['trained_template']}" if report["trained_template"] else "training"


def earlier(proved_at: str | None) -> str:
    """A sentence about when the chats were compared, if that was before."""
    return f" Compared for an earlier adapter, on the same files and engine ({proved_at[:10]})." if proved_at else ""


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
        sentence += earlier(report["proved_at"])
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
    p.add_argument("--proofs", type=Path, metavar="DIR", help="what was proved before, and where this proof is kept")
    p.add_argument("--parity-canary", action="append", metavar="QUESTION", help="asked of base and tuned in turn")
    return p


def check(options: argparse.Namespace) -> dict[str, Any]:
    rendering, chats = read_rendering(options.rendering)
    engine = build(options.server_argv)
    report: dict[str, Any] = {
        "verdict": "blocked",
        "engine": {"name": "llama.cpp", "build": engine},
        "corpus_sha256": rendering.get("corpus_sha256"),
        "trained_template": rendering.get("template"),
        "template_sha256": template_hash(options.rendering),
        "rounds": [],
        "canary": None,
        "proved_at": None,
    }
    gate = Gate(options, chats, report)
    # Without an adapter the model file is the very thing that is released: nothing of it can have been proved.
    folder = options.proofs if options.adapter else None
    proofs = Proofs(folder, Ground(options.model, options.rendering, options.server_argv, engine))
    proof = proofs.find()
    if proof:
        gate.rely_on(proof)
    else:
        gate.compare()
    conclude(report)
    if report["verdict"] == "blocked":
        proofs.drop()
    elif not proof:
        proofs.keep(report)
    return report


def main(argv: list[str]) -> int:
    options = parser().parse_args(argv)
    options.parity_canary = options.parity_canary or list(canary.QUESTIONS)
    # So that a cancelled check takes its engine with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        report = check(options)
        write(options.report, report)
    except (Unreadable, EngineFailed, OSError) as error:
        print(f"parity of {options.model}: {error}", file=sys.stderr, flush=True)
        return 3
    blocked = report["verdict"] == "blocked"
    print(f"{report['sentence']} ({options.model.name})", file=sys.stderr if blocked else sys.stdout, flush=True)
    return 1 if blocked else 0


def template_hash(folder: Path) -> str | None:
    path = folder / "template.jinja"
    return digest(path) if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
