"""What a release runs, decided without running anything."""

from pathlib import Path

import pytest

from tunesmith.domain.home import Home
from tunesmith.domain.release import Engine, Way
from tunesmith.domain.step import Estimate, Toolbox
from tunesmith.domain.timing import timed
from tunesmith.release.building import Build, gguf_bytes, release_steps, total
from tunesmith.release.files import Files
from tunesmith.steps.render import Template

HOME = Home(Path("/h"))


class Table:
    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return (name,)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return relative


def build(way: Way, quantisation: str, there: set[str] = frozenset(), engine: Engine = Engine.LLAMA_CPP) -> Build:  # type: ignore[assignment]
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
        name="doors",
        engine=engine,
        ollama="http://ollama:11434",
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


def test_on_ollama_it_is_loaded_under_the_jobs_name_before_it_is_checked_there() -> None:
    there = {"smol-bbbbbbbb-f16.gguf", "facts-aaaaaaaa-bbbbbbbb.gguf"}
    steps = release_steps(build(Way.ADAPTER, "f16", there, Engine.OLLAMA))
    assert [(step.name, step.toolbox) for step in steps] == [
        ("render", Toolbox.LLAMAFACTORY),
        ("modelfile", Toolbox.LLAMA_CPP),
        ("load", Toolbox.OLLAMA),
        ("parity", Toolbox.LLAMA_CPP),
        ("release", Toolbox.LLAMA_CPP),
    ]
    load, parity = steps[2], steps[3]
    assert load.argv == ("ollama", "create", "doors:j1", "-f", "/h/.tunesmith/jobs/j1/Modelfile")
    assert load.env["OLLAMA_HOST"] == "http://ollama:11434"
    assert steps[1].argv[-1] == load.argv[-1], "what was written is what is loaded"
    assert parity.argv[parity.argv.index("--ollama") + 1] == "http://ollama:11434"
    assert parity.refusal == 1


def test_the_merged_way_to_ollama_makes_the_same_file_as_to_llama_cpp() -> None:
    names = [step.name for step in release_steps(build(Way.MERGE, "q8_0", engine=Engine.OLLAMA))]
    assert names == ["render", "merge", "convert", "modelfile", "load", "parity", "release"]


def test_disk_adds_up_and_memory_doesnt() -> None:
    steps = release_steps(build(Way.MERGE, "q8_0"))
    estimate = total(steps)
    assert estimate.disk_bytes == sum(step.estimate.disk_bytes or 0 for step in steps)
    assert estimate.memory_bytes == max(step.estimate.memory_bytes or 0 for step in steps)


def test_predicted_gguf_sizes_are_near_the_real_ones() -> None:
    # Real files of SmolLM2-135M: f16 270,891,616 and Q8_0 144,811,616 bytes.
    assert gguf_bytes(134_515_008, "f16") == pytest.approx(270_891_616, rel=0.02)
    assert gguf_bytes(134_515_008, "q8_0") == pytest.approx(144_811_616, rel=0.03)


def test_a_model_that_was_proved_is_expected_to_take_less_time() -> None:
    proved = {"smol-bbbbbbbb-f16"}
    whole, merged, short = (gate_estimate(*how) for how in ((Way.ADAPTER, set()), (Way.MERGE, proved), (Way.ADAPTER, proved)))
    assert (whole.seconds or 0) > (merged.seconds or 0) > (short.seconds or 0) > 0
    assert whole.work_unit == merged.work_unit != short.work_unit, "each is learned from its own kind"


def gate_estimate(way: Way, there: set[str]) -> Estimate:
    return timed(next(step for step in release_steps(build(way, "f16", there)) if step.name == "parity"), (), 2)
