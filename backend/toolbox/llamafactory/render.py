"""The trainer's side of the parity gate: what training feeds the model for each chat of a corpus.

Writes OUT/rendering.json (token ids and text up to where the assistant's answer starts), OUT/template.jinja (a chat
template that renders to these ids) and OUT/ollama/*.gotmpl, the same in Go for Ollama, in the order to try them.

usage: render.py --model DIR --template NAME [--system TEXT] --corpus CORPUS.json --out DIR
"""

import argparse
import hashlib
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from go_template import ollama_templates
from jinja_template import jinja_template
from trained_template import Options, TemplateError, load_template, load_tokenizer, prompt_ids


def rendered(tokenizer: Any, jinja: str, messages: list[dict[str, str]]) -> str:
    text: str = tokenizer.apply_chat_template(messages, chat_template=jinja, add_generation_prompt=True, tokenize=False)
    return text


def render(model: Path, options: Options, corpus: bytes) -> tuple[dict[str, Any], str, dict[str, str]]:
    """The content of rendering.json, the Jinja template and the Go templates by file name."""
    tokenizer = load_tokenizer(str(model))
    template = load_template(tokenizer, options)
    jinja = jinja_template(template, tokenizer)
    chats, differing = [], []
    for chat in json.loads(corpus)["chats"]:
        ids = prompt_ids(tokenizer, template, chat["messages"], options)
        text = rendered(tokenizer, jinja, chat["messages"])
        if tokenizer.encode(text, add_special_tokens=False) != ids:
            differing.append(chat["name"])
        chats.append({"name": chat["name"], "messages": chat["messages"], "ids": ids, "text": text})
    report = {
        "tools": {name: version(name) for name in ("llamafactory", "transformers", "tokenizers")},
        "template": options.template,
        "default_system": template.default_system,
        "model": str(model),
        "corpus_sha256": hashlib.sha256(corpus).hexdigest(),
        "eos": tokenizer.eos_token,
        "stop": [tokenizer.convert_ids_to_tokens(token) for token in sorted(template.get_stop_token_ids(tokenizer))],
        "jinja_differs": differing,
        "chats": chats,
    }
    return report, jinja, ollama_templates(template, tokenizer)


def write(out: Path, report: dict[str, Any], jinja: str, go: dict[str, str]) -> None:
    (out / "ollama").mkdir(parents=True, exist_ok=True)
    (out / "template.jinja").write_text(jinja, encoding="utf-8")
    for name, text in go.items():
        (out / "ollama" / name).write_text(text, encoding="utf-8")
    (out / "rendering.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder with the tokenizer that training used")
    parser.add_argument("--template", required=True, help="LLaMA-Factory template name that training used")
    parser.add_argument("--system", help="default_system of the training, when it had one")
    parser.add_argument("--no-thinking", action="store_true", help="the training had enable_thinking: false")
    parser.add_argument("--mask-history", action="store_true", help="the training had mask_history: true")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    options = Options(arguments.template, arguments.system, not arguments.no_thinking, arguments.mask_history)
    try:
        report, jinja, go = render(arguments.model, options, arguments.corpus.read_bytes())
    except TemplateError as error:
        print(f"render: {error}", file=sys.stderr)
        return 1
    write(arguments.out, report, jinja, go)
    differing = report["jinja_differs"]
    print(f"{len(report['chats'])} chats rendered into {arguments.out}", flush=True)
    if differing:
        print(f"the Jinja template renders other tokens than training for: {', '.join(differing)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
