"""A step is a pure description: its argv is one equality."""

from pathlib import Path

import pytest

from tunesmith.domain.artifact import Kind
from tunesmith.domain.home import Home
from tunesmith.domain.step import Estimate, Toolbox
from tunesmith.steps.convert import convert_step
from tunesmith.steps.convert_adapter import convert_adapter_step
from tunesmith.steps.merge import merge_step
from tunesmith.steps.parity import parity_step
from tunesmith.steps.quantise import quantise_step
from tunesmith.steps.render import Template, render_step, rendering_folder
from tunesmith.steps.train import train_step

HOME = Home(Path("/h"))


class Table:
    """Programs as a docker place could name them."""

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return (f"/{toolbox.value}/{name}",)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return f"/toolbox/{relative}"


def test_train_writes_in_place_and_is_completed_by_its_sidecar() -> None:
    step = train_step(
        Table(), HOME, job="j1", yaml=Path("/h/j/train.yaml"), run=Path("/h/saves/facts"), parents=["models/base/b"],
        recipe={"template": "chatml"}, estimate=Estimate(),
    )  # fmt: skip
    assert step.argv == ("/llamafactory/llamafactory-cli", "train", "/h/j/train.yaml")
    assert step.outputs[0].part == step.outputs[0].path == "/h/saves/facts"
    assert step.outputs[0].sidecar["kind"] == Kind.ADAPTER
    assert step.env["TENSORBOARD_LOGGING_DIR"] == "/h/saves/facts/tensorboard"
    assert step.env["HF_HUB_OFFLINE"] == "1"


def test_merge_writes_beside_and_is_renamed() -> None:
    step = merge_step(
        Table(), HOME, job="j1", yaml=Path("/h/j/merge.yaml"), merged=Path("/h/models/merged/m"),
        parents=["saves/a", "models/base/b"], recipe={}, estimate=Estimate(),
    )  # fmt: skip
    assert step.argv[1:] == ("export", "/h/j/merge.yaml", "export_dir=/h/models/merged/.m.part-j1")
    assert step.outputs[0].path == "/h/models/merged/m"


def test_convert() -> None:
    step = convert_step(
        Table(), HOME, job="j1", model=Path("/h/models/merged/m"), gguf=Path("/h/models/gguf/m.gguf"), outtype="q8_0",
        estimate=Estimate(),
    )  # fmt: skip
    assert step.argv == (
        "/llama-cpp/convert_hf_to_gguf",
        "/h/models/merged/m",
        "--outfile",
        "/h/models/gguf/.m.gguf.part-j1",
        "--outtype",
        "q8_0",
    )


def test_convert_adapter_names_its_base() -> None:
    step = convert_adapter_step(
        Table(), HOME, job="j1", adapter=Path("/h/saves/a"), base=Path("/h/models/base/b"),
        gguf=Path("/h/models/adapters/a.gguf"), estimate=Estimate(),
    )  # fmt: skip
    assert step.argv[1:3] == ("--base", "/h/models/base/b")
    assert step.argv[-1] == "/h/saves/a"
    assert step.outputs[0].sidecar["parents"] == ["saves/a", "models/base/b"]


def test_quantise_speaks_llama_cpps_names() -> None:
    step = quantise_step(
        Table(), HOME, job="j1", source=Path("/h/models/gguf/m-f16.gguf"), gguf=Path("/h/models/gguf/m-q4_k_m.gguf"),
        quantisation="q4_k_m", threads=2, estimate=Estimate(),
    )  # fmt: skip
    assert step.argv[-2:] == ("Q4_K_M", "2")


@pytest.mark.parametrize("adapter", [None, Path("/h/models/adapters/a.gguf")])
def test_parity_serves_what_will_be_deployed_and_may_refuse(adapter: Path | None) -> None:
    step = parity_step(
        Table(), HOME, model=Path("/h/models/gguf/b.gguf"), adapter=adapter, rendering=Path("/h/.tunesmith/renderings/r"),
        report=Path("/h/j/parity.json"), estimate=Estimate(),
    )  # fmt: skip
    assert step.refusal == 1
    assert ("--adapter" in step.argv) is (adapter is not None)
    assert step.argv[step.argv.index("--server-argv") + 1] == '["/llama-cpp/llama-server"]'


def test_rendering_uses_every_setting_that_changes_what_was_trained() -> None:
    plain = Template("qwen3")
    odd = Template("qwen3", system="Be brief.", thinking=False, mask_history=True)
    step = render_step(
        Table(), HOME, job="j1", base=Path("/h/models/base/b"), template=odd, rendering=Path("/h/.tunesmith/renderings/r"),
        estimate=Estimate(),
    )  # fmt: skip
    flags = ("--template", "qwen3", "--system", "Be brief.", "--no-thinking", "--mask-history")
    start = step.argv.index("--template")
    assert step.argv[start : start + 6] == flags
    assert rendering_folder(HOME, "b", plain, "c") != rendering_folder(HOME, "b", odd, "c")
