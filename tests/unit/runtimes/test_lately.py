"""Twenty views ask once, and a call that hangs holds up one of them only."""

import threading

import pytest

from tunesmith.runtimes.lately import Lately


def test_it_is_asked_for_again_only_after_a_while() -> None:
    asked: list[int] = []
    lately = Lately(lambda: asked.append(1) or len(asked), 3600, 0)
    assert [lately(), lately(), lately()] == [1, 1, 1]
    again = Lately(lambda: asked.append(1) or len(asked), 0, 0)
    assert [again(), again()] == [2, 3]


def test_while_one_waits_the_others_get_what_was_known() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hangs() -> str:
        begun.set()
        go_on.wait(60)
        return "new"

    lately = Lately(hangs, 0, "known")
    waiting = threading.Thread(target=lately)
    waiting.start()
    assert begun.wait(60)
    assert lately() == "known"
    go_on.set()
    waiting.join()
    assert lately() == "new"


def test_after_an_error_the_next_one_asks_again() -> None:
    answers = iter([OSError("away"), "here"])

    def call() -> str:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    lately = Lately(call, 0, "")
    with pytest.raises(OSError, match="away"):
        lately()
    assert lately() == "here"
