"""How long steps are predicted to take: as earlier ones here took, else by what was measured on a small model."""

from __future__ import annotations

import pytest

from tunesmith.domain.step import Estimate, Step, Toolbox
from tunesmith.domain.timing import BYTES, COSTS, FLOP, ONCE, Took, timed, total_time, with_times

SMALL = 269e6


def step(name: str, work: float | None, unit: str = BYTES, base: str = "models/base/tiny", **estimate: object) -> Step:
    known = Estimate(work=work, work_unit=unit, basis="disk", **estimate)  # type: ignore[arg-type]
    return Step(
        name=name, toolbox=Toolbox.LLAMAFACTORY, argv=("true",), inputs=("saves/facts", base, "data/x.jsonl"), estimate=known
    )


def merge(seconds: float, work: float = SMALL, about: str = "models/base/tiny") -> Took:
    return Took("merge", BYTES, work, seconds, about)


@pytest.mark.parametrize(
    ("name", "work", "unit", "measured"),
    [
        # docs/benchmarks.md: parity gates of both ways, converting an adapter; docs/demo.md: a training of 80 steps.
        ("parity", 273e6, BYTES, 2.37),
        ("parity", 273e6 * 3.3, BYTES, 4.18),
        ("convert-adapter", 19.6e6, BYTES, 2.9),
        ("train", 4 * 134_515_008 * 80 * 256, FLOP, 117),
    ],
)
def test_the_constants_give_what_was_measured(name: str, work: float, unit: str, measured: float) -> None:
    found = timed(step(name, work, unit), [], cores=2)
    assert found.seconds == pytest.approx(measured, rel=0.05)
    assert found.seconds_low is not None and found.seconds_high is not None
    assert found.seconds_low <= found.seconds < found.seconds_high
    assert found.seconds_basis == "guess from a 135M model on 2 cores" and found.basis == "disk"


def test_a_larger_model_takes_longer_and_more_cores_may_make_it_quicker() -> None:
    small, large = (timed(step("merge", work), [], 2).seconds for work in (SMALL, 100 * SMALL))
    assert small and large and 10 * small < large < 100 * small, "the imports don't grow"
    two, sixteen = (timed(step("train", 1e15, FLOP), [], cores) for cores in (2, 16))
    assert two.seconds == sixteen.seconds and sixteen.seconds_low == pytest.approx((two.seconds_low or 0) / 8, rel=0.01)


def test_earlier_ones_here_tell_better_whatever_their_size() -> None:
    past = [merge(20.0), merge(16.0), merge(18.0)]
    found = timed(step("merge", SMALL), past, 2)
    assert (found.seconds, found.seconds_low, found.seconds_high) == (18.0, 16.0, 20.0)
    assert found.seconds_basis == "as 3 earlier merges here took"
    cost = COSTS["merge", BYTES]
    larger = timed(step("merge", 10 * SMALL), past, 2)
    assert larger.seconds == pytest.approx(18.0 * cost.seconds(10 * SMALL) / cost.seconds(SMALL), rel=0.01)


def test_those_on_the_same_base_come_first_and_only_the_newest_count() -> None:
    past = [merge(100.0, about="models/base/other"), *(merge(10.0) for _ in range(5)), merge(1000.0)]
    assert timed(step("merge", SMALL), past, 2).seconds == 10.0
    assert timed(step("merge", SMALL, base="models/base/other"), past, 2).seconds == 100.0
    assert timed(step("merge", SMALL, base="models/base/third"), past, 2).seconds == 10.0
    one = timed(step("merge", SMALL, base="models/base/other"), past, 2)
    assert (one.seconds_low, one.seconds_high) == (66.7, 150.0)
    assert one.seconds_basis == "as the last of the merges here took"


def test_what_nobody_knows_stays_unknown_until_it_was_done_once() -> None:
    on_gpu = step("train", 1e15, "FLOP on cuda")
    assert timed(on_gpu, [], 2) == on_gpu.estimate
    assert timed(on_gpu, [Took("train", FLOP, 1e15, 9000.0)], 2).seconds is None, "the CPU tells nothing of a GPU"
    assert timed(on_gpu, [Took("train", "FLOP on cuda", 5e14, 30.0)], 2).seconds == 60.0
    assert timed(step("quantise", SMALL), [Took("quantise", BYTES, SMALL, 7.0)], 2).seconds == 7.0
    assert timed(step("facts", None), [], 2).seconds is None


def test_an_installation_keeps_its_own_estimate() -> None:
    install = step("install-llamafactory", None, seconds=84.0)
    assert timed(install, [], 2) == install.estimate


def test_a_base_is_converted_like_any_model() -> None:
    past = [Took("convert", BYTES, SMALL, 9.0, "models/base/tiny")]
    assert timed(step("convert-base", SMALL), past, 2).seconds == 9.0


def test_times_add_up_and_what_is_missing_is_said() -> None:
    steps = with_times([step("merge", SMALL), step("render", 1, ONCE), step("quantise", SMALL)], [merge(20.0), merge(10.0)], 2)
    found = total_time(steps, Estimate(disk_bytes=1, basis="disk"))
    assert (found.seconds, found.disk_bytes, found.basis) == (19.5, 1, "disk")
    assert found.seconds_low == 12.2 and found.seconds_high == 29.0
    assert found.seconds_basis == "sum of the steps, without quantise"
    assert total_time([step("quantise", SMALL)], Estimate()).seconds is None
