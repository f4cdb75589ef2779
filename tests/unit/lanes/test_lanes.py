"""The two lanes of layers: what is needed is made once, what fails stops nothing else, what is held is held by one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from kit.lanes import Lanes, Make, Outcome
from kit.layer import Command, Layer

TRUE: tuple[Command, ...] = (("true",),)
MEET = "touch {0}; for i in $(seq 600); do test -e {1} && exit 0; sleep 0.1; done; exit 1"
"""Waits for another's file."""


def layer(name: str, commands: tuple[Command, ...] = TRUE, **more: object) -> Layer:
    return Layer(name, "", 0, commands, **more)  # type: ignore[arg-type]


def outcomes(tmp_path: Path, *layers: Layer, **needs: Make) -> dict[str, Outcome]:
    return {outcome.name: outcome for outcome in Lanes(layers, needs, tmp_path, lambda *_: None, tmp_path).run()}


def sh(script: str) -> tuple[Command, ...]:
    return (("sh", "-c", script),)


def test_every_layer_runs_and_what_it_prints_is_in_its_own_log(tmp_path: Path) -> None:
    found = outcomes(tmp_path, layer("one", sh("echo first")), layer("two", sh("echo second >&2")), layer("three"))
    assert all(outcome.passed for outcome in found.values()) and set(found) == {"one", "two", "three"}
    assert "first" in (tmp_path / "one.log").read_text() and "second" in (tmp_path / "two.log").read_text()


def test_a_layer_that_fails_ends_there_and_stops_no_other(tmp_path: Path) -> None:
    found = outcomes(tmp_path, layer("bad", (*sh("exit 3"), *sh("echo never"))), layer("good"), layer("more"))
    assert found["bad"].result == "FAILED: sh -c exit 3"
    assert "\nnever" not in (tmp_path / "bad.log").read_text()
    assert found["good"].passed and found["more"].passed


def test_a_need_is_made_once_before_all_that_need_it(tmp_path: Path) -> None:
    made: list[str] = []

    def make(run: Callable[[Command], int]) -> str | None:
        made.append("tool")
        return None if run(("touch", "tool")) == 0 else "no tool"

    looks = sh("test -e tool")
    found = outcomes(tmp_path, *(layer(f"l{number}", looks, needs=("tool",)) for number in range(4)), tool=make)
    assert made == ["tool"]
    assert all(outcome.passed for outcome in found.values()) and found["tool"].layer is None


def test_what_needs_something_that_cannot_be_had_is_left_out_with_the_reason(tmp_path: Path) -> None:
    def broken(run: Callable[[Command], int]) -> str | None:
        raise OSError("no space")

    found = outcomes(
        tmp_path,
        layer("here"),
        layer("away", needs=("engine",)),
        layer("broken", needs=("home",)),
        engine=lambda run: "no engine; install one",
        home=broken,
    )
    assert found["here"].passed
    assert found["away"].result == "left out: no engine; install one"
    assert found["broken"].result == "left out: home can't be made: no space"


def test_two_layers_run_at_once(tmp_path: Path) -> None:
    found = outcomes(tmp_path, layer("left", sh(MEET.format("l", "r"))), layer("right", sh(MEET.format("r", "l")), lane=1))
    assert found["left"].passed and found["right"].passed


def test_what_one_holds_no_other_uses_meanwhile(tmp_path: Path) -> None:
    alone = sh("mkdir held || exit 1; sleep 0.1; rmdir held")
    found = outcomes(tmp_path, *(layer(f"l{number}", alone, holds=("engine",), lane=number % 2) for number in range(6)))
    assert [outcome.result for outcome in found.values()] == ["passed"] * 6


def test_a_lane_takes_its_own_layers_first_and_then_the_others(tmp_path: Path) -> None:
    begun: list[tuple[str, str]] = []

    def told(name: str, outcome: Outcome | None) -> None:
        if outcome is None:
            begun.append((threading.current_thread().name, name))

    first, second = sh(MEET.format("n", "s")), sh(MEET.format("s", "n"))
    layers = [layer("native", first), layer("native-2"), layer("native-3"), layer("stack", second, lane=1)]
    Lanes(layers, {}, tmp_path, told, tmp_path).run()
    by_worker: dict[str, list[str]] = {}
    for worker, name in begun:
        by_worker.setdefault(worker, []).append(name)
    assert sorted(names[0] for names in by_worker.values()) == ["native", "stack"]
    assert sorted(name for _, name in begun) == sorted(each.name for each in layers)
