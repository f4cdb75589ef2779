"""Greedy answers by PEFT in the trainer's own environment, to compare what is served with what was trained.

Writes {"model", "adapter", "answers": [{"question", "answer", "base", "ended"}]}: `answer` is the adapter's (the
model's own without one), `base` that of the model without the adapter, `ended` whether a stop token ended `answer`.

usage: generate.py --model DIR [--adapter DIR] (--template NAME | --template-dir DIR) --questions Q.json --out FILE
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from greedy import answer_all
from trained_template import Options, TemplateError, load_template, load_tokenizer, prompt_ids


def questions(path: Path) -> list[str]:
    """The questions of a JSON list, or of the demo's questions.json: held-out ones first, then neighbours."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, dict):
        content = content["held_out"] + content["neighbours"]
    return [entry if isinstance(entry, str) else entry["text"] for entry in content]


def prompts_by_name(tokenizer: Any, name: str, asked: list[str]) -> tuple[list[list[int]], list[int]]:
    options = Options(name)
    template = load_template(tokenizer, options)
    prompts = [prompt_ids(tokenizer, template, [{"role": "user", "content": text}], options) for text in asked]
    return prompts, template.get_stop_token_ids(tokenizer)


def prompts_by_rendering(tokenizer: Any, folder: Path, asked: list[str]) -> tuple[list[list[int]], list[int]]:
    """The prompts by the Jinja template that render.py wrote, which is the one that engines get."""
    jinja = (folder / "template.jinja").read_text(encoding="utf-8")
    stop = json.loads((folder / "rendering.json").read_text(encoding="utf-8"))["stop"]
    texts = [
        tokenizer.apply_chat_template([{"role": "user", "content": text}], chat_template=jinja, tokenize=False) for text in asked
    ]
    return [tokenizer.encode(text, add_special_tokens=False) for text in texts], tokenizer.convert_tokens_to_ids(stop)


def load_model(path: Path, adapter: Path | None) -> Any:
    """In 32 bits on a CPU, in the model's own precision on a GPU."""
    import torch
    from transformers import AutoModelForCausalLM

    gpu = torch.cuda.is_available()
    model = AutoModelForCausalLM.from_pretrained(path, dtype="auto" if gpu else torch.float32)
    if adapter is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, str(adapter))
    return model.to("cuda" if gpu else "cpu").eval()


def answer(arguments: argparse.Namespace, asked: list[str]) -> list[dict[str, Any]]:
    tokenizer = load_tokenizer(str(arguments.model))
    if arguments.template_dir:
        prompts, stop = prompts_by_rendering(tokenizer, arguments.template_dir, asked)
    else:
        prompts, stop = prompts_by_name(tokenizer, arguments.template, asked)
    pad = stop[0] if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    model = load_model(arguments.model, arguments.adapter)

    def answers() -> list[tuple[str, bool]]:
        made = answer_all(model, prompts, pad=pad, stop=stop, max_tokens=arguments.max_tokens)
        return [(tokenizer.decode(ids, skip_special_tokens=True), ended) for ids, ended in made]

    print(f"Answering {len(asked)} questions", flush=True)
    tuned = answers()
    base = tuned
    if arguments.adapter:
        with model.disable_adapter():
            base = answers()
    return [
        {"question": text, "answer": own, "base": without, "ended": ended}
        for text, (own, ended), (without, _) in zip(asked, tuned, base, strict=True)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--adapter", type=Path)
    template = parser.add_mutually_exclusive_group(required=True)
    template.add_argument("--template", help="LLaMA-Factory template that training used")
    template.add_argument("--template-dir", type=Path, help="folder that render.py wrote")
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--max-tokens", type=int, default=48)
    arguments = parser.parse_args()
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    try:
        answers = answer(arguments, questions(arguments.questions))
    except (TemplateError, OSError, ValueError) as error:
        print(f"generate: {error}", file=sys.stderr)
        return 1
    adapter = str(arguments.adapter) if arguments.adapter else None
    report = {"model": str(arguments.model), "adapter": adapter, "answers": answers}
    arguments.out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(answers)} answers in {arguments.out}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
