"""The parity gate for Ollama: does the model that was loaded give what training gave, chat by chat?

`--request` is the job's release.json; its `ollama` names the model to check, and the files that it was made of. Ollama says
the prompt of each chat as text; the same GGUF's tokenizer, in a llama-server of a moment, makes ids of it. Then a few real
calls: the prompt that they evaluated has to be as long. When a chat differs, the model gets the next of the rendering's
Go templates, and all of it is checked again.

Status 0: equal, or mended by another template. Status 1: blocked; the last line names the chat and the first difference, and
the model is removed. Status 3: the check itself couldn't be made (Ollama doesn't answer, no rendering).
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare import Chat, Served, compare, first_refused
from engine import Engine, EngineFailed, free_port, server_argv
from rounds import Unreadable, add_pieces, excused, length_result, passed, program, read_rendering, reason, spread, write

sys.path.append(str(Path(__file__).resolve().parents[1] / "ollama"))
from client import Message, Ollama, OllamaFailed
from modelfile import Unsayable, parameters, templates

# The first and the longest chat are called for real. More say no more: Ollama renders and tokenises all of them alike, and on
# a busy machine its threads wait for each other for minutes.
# The tokenizer alone is asked; a context costs memory.
TOKENIZER_CONTEXT = 256


@dataclass(frozen=True)
class Loaded:
    """The model under test."""

    ollama: Ollama
    request: dict[str, Any]
    rendering: Path

    @property
    def tag(self) -> str:
        return str(self.request["tag"])

    def put(self, template: str) -> None:
        """Make this the template in force; also after a retry, when an earlier attempt has removed the model."""
        there = self.ollama.template(self.tag)
        if there is None:
            self.ollama.create(self.tag, self.whole(template))
        elif there != template:
            self.ollama.create(self.tag, {"from": self.tag, "template": template})

    def whole(self, template: str) -> dict[str, Any]:
        """What the Modelfile says, for Ollama's API."""
        files = {key: Path(self.request[key]) for key in ("model", "adapter") if self.request[key]}
        digests = {key: {path.name: self.ollama.add_file(path)} for key, path in files.items()}
        return {
            "files": digests["model"],
            **({"adapters": digests["adapter"]} if "adapter" in digests else {}),
            **({"system": self.request["system"]} if self.request["system"] else {}),
            "template": template,
            "parameters": parameters(self.request, self.rendering),
        }

    def messages(self, chat: Chat) -> list[Message]:
        """As sent: an empty system message keeps Ollama from putting the release's own before a chat without one."""
        bare = chat.messages[0]["role"] != "system" and self.request["system"]
        return [{"role": "system", "content": ""}, *chat.messages] if bare else chat.messages

    def served(self, chat: Chat, tokenizer: Engine) -> Served:
        try:
            text = self.ollama.rendered(self.tag, self.messages(chat))
            return Served(tokenizer.tokenise(text), text)
        except (OllamaFailed, EngineFailed) as error:
            return Served([], "", str(error))

    def length_call(self, chat: Chat, expected: int) -> dict[str, Any]:
        return length_result(chat, expected, self.ollama.prompt_length(self.tag, self.messages(chat)))


def check_round(loaded: Loaded, tokenizer: Engine, chats: list[Chat], template: str) -> dict[str, Any]:
    compared = [compare(chat, loaded.served(chat, tokenizer)) for chat in chats]
    add_pieces(tokenizer, compared)
    same = first_refused(compared) is None
    asked = spread(chats)
    calls = [loaded.length_call(chat, len(chat.ids)) for chat in (asked[0], asked[-1])] if same else []
    return {"template": template, "chats": compared, "prompt_length_calls": calls}


def run_rounds(options: argparse.Namespace, loaded: Loaded, chats: list[Chat], report: dict[str, Any]) -> None:
    """The template that was loaded, then the others; the first that passes ends it."""
    port = free_port()
    argv = server_argv(options.server_argv, Path(loaded.request["model"]), [], TOKENIZER_CONTEXT, port, None)
    with Engine(argv, port, 0) as tokenizer:
        for number, path in enumerate(templates(loaded.rendering)):
            name = path.stem.partition("-")[2]
            print(f"parity: {len(chats)} chats with the template {path.name} in {loaded.tag}", flush=True)
            loaded.put(path.read_text(encoding="utf-8"))
            round_ = check_round(loaded, tokenizer, chats, name)
            report["rounds"].append(round_)
            if passed(round_):
                report["verdict"] = "equal" if number == 0 else "mended"
                report["template_file"] = path.name
                report["system_prompt"] = system_prompt(loaded, chats)
                return
            print(f"parity: not equal: {reason(round_)}", flush=True)


def system_prompt(loaded: Loaded, chats: list[Chat]) -> dict[str, Any] | None:
    """Whether a chat without a system message gets the release's, exactly as if it had brought it along."""
    system = loaded.request["system"]
    if not system:
        return None
    bare = next(chat for chat in chats if chat.messages[0]["role"] != "system")
    left = loaded.ollama.rendered(loaded.tag, bare.messages)
    brought = loaded.ollama.rendered(loaded.tag, [{"role": "system", "content": system}, *bare.messages])
    return {"equal": left == brought, "by_itself": left, "brought_along": brought}


def closest(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """The round in which most chats were equal: its difference says most. (Without its begin token no chat is equal.)"""
    return max(rounds, key=lambda round_: sum(chat["accepted"] for chat in round_["chats"]))


def conclude(report: dict[str, Any]) -> None:
    """The verdict with the system prompt's in it, and one sentence for people."""
    rounds, system = report["rounds"], report.get("system_prompt")
    total = len(rounds[-1]["chats"])
    if report["verdict"] == "blocked":
        sentence = f"Ollama doesn't give the model what training gave it: {reason(closest(rounds))}."
    elif system and not system["equal"]:
        report["verdict"] = "blocked"
        sentence = f"Ollama doesn't set the release's system prompt as a chat would: {system['by_itself'][:200]!r}."
    elif report["verdict"] == "equal":
        sentence = f"What Ollama serves is token for token what was trained ({total} chats)."
    else:
        sentence = (
            f"The first template that Ollama was given isn't the trained one ({reason(rounds[0])}); "
            f"with `{rounds[-1]['template']}` all {total} chats are equal."
        )
    report["sentence"] = sentence if report["verdict"] == "blocked" else sentence + excused(rounds[-1])


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--server-argv", type=program, required=True, metavar="JSON", help='e.g. ["llama-server"]')
    p.add_argument("--ollama", required=True, metavar="ADDRESS", help="http://host:port")
    p.add_argument("--request", type=Path, required=True, metavar="release.json")
    p.add_argument("--rendering", type=Path, required=True, metavar="DIR")
    p.add_argument("--report", type=Path, required=True, metavar="OUT.json")
    return p


def main(argv: list[str]) -> int:
    options = parser().parse_args(argv)
    # So that a cancelled check takes its llama-server with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ollama = Ollama(options.ollama)
    try:
        rendering, chats = read_rendering(options.rendering)
        loaded = Loaded(ollama, json.loads(options.request.read_text(encoding="utf-8"))["ollama"], options.rendering)
        report: dict[str, Any] = {
            "verdict": "blocked",
            "engine": {"name": "Ollama", "build": ollama.version()},
            "corpus_sha256": rendering.get("corpus_sha256"),
            "trained_template": rendering.get("template"),
            "rounds": [],
            "canary": None,
        }
        run_rounds(options, loaded, chats, report)
        conclude(report)
        blocked = report["verdict"] == "blocked"
        if blocked:
            ollama.delete(loaded.tag)
        report["model_digest"] = ollama.digest(loaded.tag)
        write(options.report, report)
    except (Unreadable, Unsayable, EngineFailed, OllamaFailed, OSError, ValueError, KeyError) as error:
        print(f"parity on Ollama: {error}", file=sys.stderr, flush=True)
        return 3
    print(f"{report['sentence']} ({loaded.tag})", file=sys.stderr if blocked else sys.stdout, flush=True)
    return 1 if blocked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
