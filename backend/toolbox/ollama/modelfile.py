"""Write the Modelfile of a release: `ollama create NAME -f` makes the model of it.

    modelfile.py --request release.json --rendering DIR --out Modelfile

The request says the files, the system prompt and the context; the rendering (`render.py`) the template and its stop words.
Status 1 and one line on stderr when something can't be said in a Modelfile.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

QUOTES = '"""'


class Unsayable(Exception):
    """Says which text, and why a Modelfile can't hold it."""


def quoted(what: str, text: str) -> str:
    """`text` between triple quotes, which a Modelfile takes word for word except for these two things."""
    if QUOTES in text:
        raise Unsayable(f"{what} holds three quotes in a row ({QUOTES}), which end a text in a Modelfile: write it without them")
    for character in text:
        if not character.isprintable() and character not in "\n\r\t":
            raise Unsayable(f"{what} holds U+{ord(character):04X}, which a Modelfile loses, since it can't be printed: remove it")
    return f"{QUOTES}{text}{QUOTES}"


def templates(rendering: Path) -> list[Path]:
    """The Go templates, in the order to try them."""
    found = sorted((rendering / "ollama").glob("*.gotmpl"))
    if not found:
        raise Unsayable(f"{rendering} holds no Go template: render it again")
    return found


def stop_words(rendering: Path) -> list[str]:
    words = json.loads((rendering / "rendering.json").read_text(encoding="utf-8")).get("stop", [])
    return [word for word in words if word]


def parameters(request: dict[str, Any], rendering: Path) -> dict[str, Any]:
    """As Ollama's API takes them."""
    stop = stop_words(rendering)
    return {"num_ctx": request["context"], **({"stop": stop} if stop else {})}


def modelfile(request: dict[str, Any], template: str, stop: list[str]) -> str:
    lines = [
        f"# {request['tag']}: made by Tunesmith, job {request['job']}",
        f"FROM {quoted('the path of the model', request['model'])}",
    ]
    if request["adapter"]:
        lines.append(f"ADAPTER {quoted('the path of the adapter', request['adapter'])}")
    lines.append(f"TEMPLATE {quoted('the template', template)}")
    if request["system"]:
        lines.append(f"SYSTEM {quoted('the system prompt', request['system'])}")
    lines += [f"PARAMETER stop {quoted('a stop word', word)}" for word in stop]
    return "\n".join([*lines, f"PARAMETER num_ctx {request['context']}"]) + "\n"


def write(request: dict[str, Any], rendering: Path, template: Path, out: Path) -> None:
    text = modelfile(request, template.read_text(encoding="utf-8"), stop_words(rendering))
    part = out.with_name(f".{out.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--request", type=Path, required=True)
    parser.add_argument("--rendering", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    try:
        request = json.loads(options.request.read_text(encoding="utf-8"))["ollama"]
        template = templates(options.rendering)[0]
        write(request, options.rendering, template, options.out)
    except (Unsayable, OSError, ValueError, KeyError) as error:
        print(f"modelfile: {error}", file=sys.stderr, flush=True)
        return 1
    print(f"{options.out}: {template.name} and {request['model']}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
