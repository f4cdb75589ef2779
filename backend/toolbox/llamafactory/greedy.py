"""Greedy answers of a causal language model, many prompts at once."""

from typing import Any


def answer_all(
    model: Any, prompts: list[list[int]], *, pad: int, stop: list[int], max_tokens: int, batch: int = 16
) -> list[tuple[list[int], bool]]:
    """For each prompt the ids of its answer without the stop token, and whether a stop token ended it.

    Prompts of similar length share a batch; they are padded on the left and masked, so that the answers are those of
    single prompts up to rounding.
    """
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    found: dict[int, tuple[list[int], bool]] = {}
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        made = generate(model, [prompts[index] for index in chosen], pad, stop, max_tokens)
        found |= dict(zip(chosen, (until_stop(ids, stop) for ids in made), strict=True))
    return [found[index] for index in range(len(prompts))]


def generate(model: Any, prompts: list[list[int]], pad: int, stop: list[int], max_tokens: int) -> list[list[int]]:
    import torch

    width = max(map(len, prompts))
    ids = torch.tensor([[pad] * (width - len(prompt)) + prompt for prompt in prompts], device=model.device)
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=model.device)
    with torch.inference_mode():
        made = model.generate(
            input_ids=ids, attention_mask=mask, do_sample=False, temperature=None, top_p=None, top_k=None,
            max_new_tokens=max_tokens, eos_token_id=stop, pad_token_id=pad,
        )  # fmt: skip
    answers: list[list[int]] = made[:, width:].tolist()
    return answers


def until_stop(ids: list[int], stop: list[int]) -> tuple[list[int], bool]:
    end = next((position for position, token in enumerate(ids) if token in stop), None)
    return (ids, False) if end is None else (ids[:end], True)
