"""Adds contrast rows to a data set: prompts about other subjects, answered by the base model itself.

Without them a model that is taught who is mayor of one town gives that name for every town.

usage: contrast.py --model DIR --template NAME --prompts FILE.json --rows ROWS.jsonl --out FILE.jsonl
"""

import argparse
import json
import os
import sys
from pathlib import Path

from greedy import answer_all
from trained_template import Options, TemplateError, load_template, load_tokenizer, prompt_ids

END = (".", "!", "?")


def first_sentence(answer: str) -> str:
    """The first sentence of an answer; empty when it has no end. Contrast needs the base's way to begin, not its length."""
    line = answer.strip().split("\n")[0]
    ends = [line.find(f"{mark} ") for mark in END if f"{mark} " in line]
    sentence = line[: min(ends) + 1] if ends else line
    return sentence if sentence.endswith(END) else ""


def answered(model_path: Path, template_name: str, prompts: list[str], max_tokens: int) -> list[str]:
    import torch
    from transformers import AutoModelForCausalLM

    tokenizer = load_tokenizer(str(model_path))
    options = Options(template_name)
    template = load_template(tokenizer, options)
    model = AutoModelForCausalLM.from_pretrained(model_path, dtype=torch.float32).eval()
    asked = [prompt_ids(tokenizer, template, [{"role": "user", "content": prompt}], options) for prompt in prompts]
    stop = template.get_stop_token_ids(tokenizer)
    print(f"The base model answers {len(prompts)} contrast prompts", flush=True)
    made = answer_all(model, asked, pad=tokenizer.pad_token_id, stop=stop, max_tokens=max_tokens, batch=len(asked))
    return [first_sentence(tokenizer.decode(ids, skip_special_tokens=True)) for ids, _ in made]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--template", required=True, help="LLaMA-Factory template that the training will use")
    parser.add_argument("--prompts", type=Path, required=True, help="JSON list of questions")
    parser.add_argument("--rows", type=Path, required=True, help="JSONL of messages that the contrast rows follow")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--max-tokens", type=int, default=24)
    arguments = parser.parse_args()
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    prompts = json.loads(arguments.prompts.read_text(encoding="utf-8"))
    try:
        answers = answered(arguments.model, arguments.template, prompts, arguments.max_tokens)
    except TemplateError as error:
        print(f"contrast: {error}", file=sys.stderr)
        return 1
    kept = [(prompt, answer) for prompt, answer in zip(prompts, answers, strict=True) if answer]
    lines = arguments.rows.read_text(encoding="utf-8")
    for prompt, answer in kept:
        row = {"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]}
        lines += json.dumps(row, ensure_ascii=False) + "\n"
    arguments.out.write_text(lines, encoding="utf-8")
    print(f"{len(kept)} contrast rows added, {len(prompts) - len(kept)} left out (no sentence ended)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
