from __future__ import annotations

import json

from tunesmith.serving.usage import Ledger, Tail

FINAL = b'data: {"choices":[],"timings":{"cache_n":30,"prompt_n":1,"predicted_n":9}}\n\n'


def tail(*chunks: bytes) -> tuple[int, int] | None:
    kept = Tail()
    for chunk in chunks:
        kept.add(chunk)
    return kept.tokens()


def test_timings_of_the_last_event_count_cached_tokens_too() -> None:
    assert tail(b'data: {"choices":[{}]}\n\n', FINAL, b"data: [DONE]\n\n") == (31, 9)


def test_usage_is_preferred_to_timings() -> None:
    answer = {"usage": {"prompt_tokens": 31, "completion_tokens": 2}, "timings": {"prompt_n": 1, "predicted_n": 2}}
    assert tail(json.dumps(answer).encode()) == (31, 2)


def test_figures_are_found_wherever_chunks_are_cut() -> None:
    whole = b'data: {"choices":[{}]}\n\n' + FINAL + b"data: [DONE]\n\n"
    assert {tail(whole[:cut], whole[cut:]) for cut in range(len(whole))} == {(31, 9)}


def test_broken_off_answers_have_no_figures() -> None:
    assert tail(b'data: {"choices":[{"delta":{"content":"\\"timings\\""}}]}\n\n') is None
    assert tail(FINAL[:40]) is None
    assert tail() is None


def test_ledger_counts_unfinished_answers_as_requests() -> None:
    ledger = Ledger()
    ledger.count("facts", (31, 9))
    ledger.count("facts", None)
    usage = ledger.of("facts")
    assert (usage.requests, usage.unfinished, usage.prompt_tokens, usage.completion_tokens) == (2, 1, 31, 9)
    assert ledger.of("other").requests == 0
