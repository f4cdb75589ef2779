"""What a release runs, decided without running anything."""

from pathlib import Path

import pytest

from tunesmith.domain.home import Home
from tunesmith.domain.release import Way
from tunesmith.domain.step import Toolbox
from tunesmith.release.building import Build, gguf_bytes, release_steps, total
from tunesmith.release.files import Files
from tunesmith.steps.render import Template

HOME = Home(Path("/h"))


class Table:
    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return (name,)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return relative


def build(way: Way, quantisation: str, there: set[str] = frozenset()) -> Build:  # type: ignore[assignment]
    files = Files(HOME, "facts", "a" * 64, "smol", "b" * 64, Template("chatml"), "c" * 64)
    return Build(
        programs=Table(),
        home=HOME,
        job="j1",
        inputs=Path("/h/.tunesmith/jobs/j1/inputs"),
        files=files,
        adapter=Path("/h/saves/facts"),
        base=Path("/h/models/base/smol"),
        parameters=134_515_008,
        base_bytes=269_000_000,
        adapter_bytes=19_000_000,
        quantisation=quantisation,
        way=way,
        threads=2,
        exists=lambda path: path.name in there,
    )


@pytest.mark.parametrize(
    ("way", "quantisation", "names"),
    [
        (Way.ADAPTER, "f16", ["render", "convert-base", "convert-adapter", "parity", "release"]),
        (Way.ADAPTER, "q8_0", ["render", "convert-base", "convert-adapter", "parity", "release"]),
        (Way.MERGE, "f16", ["render", "merge", "convert", "parity", "release"]),
        (Way.MERGE, "q8_0", ["render", "merge", "convert", "parity", "release"]),
        (Way.MERGE, "q4_k_m", ["render", "merge", "convert", "quantise", "parity", "release"]),
    ],
)
def test_steps_of_each_way(way: Way, quantisation: str, names: list[str]) -> None:
    assert [step.name for step in release_steps(build(way, quantisation))] == names


def test_what_is_there_isnt_made_again() -> None:
    there = {"smol-bbbbbbbb-f16.gguf", "facts-aaaaaaaa-bbbbbbbb.gguf"}
    assert [step.name for step in release_steps(build(Way.ADAPTER, "f16", there))] == ["render", "parity", "release"]


def test_a_merged_gguf_needs_no_merge() -> None:
    there = {"facts-aaaaaaaa-chatml-q8_0.gguf"}
    assert [step.name for step in release_steps(build(Way.MERGE, "q8_0", there))] == ["render", "parity", "release"]


def test_a_kquant_takes_an_f16_that_is_there() -> None:
    there = {"facts-aaaaaaaa-chatml-f16.gguf", "facts-aaaaaaaa-chatml"}
    names = [step.name for step in release_steps(build(Way.MERGE, "q4_k_m", there))]
    assert names == ["render", "quantise", "parity", "release"]


def test_parity_checks_the_very_files_that_will_be_served() -> None:
    steps = release_steps(build(Way.ADAPTER, "f16"))
    parity = next(step for step in steps if step.name == "parity")
    made = {output.path for step in steps for output in step.outputs}
    assert {"/h/models/gguf/smol-bbbbbbbb-f16.gguf", "/h/models/adapters/facts-aaaaaaaa-bbbbbbbb.gguf"} <= made
    assert set(parity.argv) >= {"/h/models/gguf/smol-bbbbbbbb-f16.gguf", "/h/models/adapters/facts-aaaaaaaa-bbbbbbbb.gguf"}


def test_disk_adds_up_and_memory_doesnt() -> None:
    steps = release_steps(build(Way.MERGE, "q8_0"))
    estimate = total(steps)
    assert estimate.disk_bytes == sum(step.estimate.disk_bytes or 0 for step in steps)
    assert estimate.memory_bytes == max(step.estimate.memory_bytes or 0 for step in steps)


def test_predicted_gguf_sizes_are_near_the_real_ones() -> None:
    # Real files of SmolLM2-135M: f16 270,891,616 and Q8_0 144,811,616 bytes.
    assert gguf_bytes(134_515_008, "f16") == pytest.approx(270_891_616, rel=0.02)
    assert gguf_bytes(134_515_008, "q8_0") == pytest.approx(144_811_616, rel=0.03)
