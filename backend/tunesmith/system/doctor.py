"""The doctor: what is there, what is missing, what this machine can do, and how to mend it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence

from pydantic import BaseModel

from tunesmith.settings import Settings
from tunesmith.system import checks
from tunesmith.system.facts import ToolboxFacts, environment_python
from tunesmith.system.findings import Action, Finding, Level, error, ok, warn
from tunesmith.system.hardware import Hardware, hardware

SEES_GPU = "import torch; print(torch.cuda.is_available())"
SEES_GPU_SECONDS = 90
GIB = 2**30


class Diagnosis(BaseModel):
    """All findings, the worst first; `level` is the worst of them."""

    level: Level
    findings: list[Finding]


def examine(settings: Settings, toolboxes: Sequence[ToolboxFacts], find: checks.Find) -> Diagnosis:
    """Run every check. Blocks for some seconds at worst (the hub, a GPU's driver). `find` looks a program up."""
    home = settings.place
    machine = hardware(home.root, settings.cache.expanduser())
    offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    place = of_the_stack(toolboxes) if settings.runtime == "docker" else of_this_host(settings, machine, toolboxes, find)
    findings = [
        checks.python_version(),
        checks.platform_support(),
        *checks.disks(machine, settings.disk_reserve_gib),
        *checks.writable(home),
        checks.token_mode(home),
        *place,
        checks.ollama(settings, find),
        checks.hub(settings, offline),
        checks.clock(home),
    ]
    return diagnosis(findings)


def of_this_host(settings: Settings, machine: Hardware, toolboxes: Sequence[ToolboxFacts], find: checks.Find) -> list[Finding]:
    """What matters only where commands are processes of this host."""
    return [
        checks.memory(machine),
        checks.listening(settings),
        checks.gpu(machine),
        *(_without_need(toolbox, toolboxes) or toolbox_finding(toolbox) for toolbox in toolboxes),
        *(found for toolbox in toolboxes if (found := torch_finding(toolbox, machine, torch_sees_gpu)) is not None),
        checks.llama_server(find),
        checks.k_quants(find),
    ]


def of_the_stack(toolboxes: Sequence[ToolboxFacts]) -> list[Finding]:
    """The containers in which commands run. Their memory and GPU aren't this container's, so nothing is said of those."""
    return [container_finding(toolbox) for toolbox in toolboxes]


def container_finding(toolbox: ToolboxFacts) -> Finding:
    name = f"toolbox-{toolbox.name}"
    if toolbox.presence == "ready":
        return ok(name, f"{toolbox.title}: runs", toolbox.path)
    said = f"{toolbox.title}. Its container {toolbox.path} is missing or stopped."
    return warn(name, f"The container of {toolbox.name} doesn't run", said, f"Run `docker compose up -d {toolbox.name}`.")


def diagnosis(findings: Sequence[Finding]) -> Diagnosis:
    ranks = {Level.ERROR: 0, Level.WARN: 1, Level.OK: 2}
    ordered = sorted(findings, key=lambda finding: ranks[finding.level])
    return Diagnosis(level=ordered[0].level if ordered else Level.OK, findings=ordered)


def _without_need(toolbox: ToolboxFacts, toolboxes: Sequence[ToolboxFacts]) -> Finding | None:
    """LLaMA-Factory's environment holds TensorBoard too: nobody who has it misses the other."""
    if toolbox.name != "tensorboard" or toolbox.presence != "missing":
        return None
    other = next((each for each in toolboxes if each.name == "llamafactory" and each.presence == "ready"), None)
    return ok(f"toolbox-{toolbox.name}", f"{toolbox.title}: comes with LLaMA-Factory", other.path) if other else None


def toolbox_finding(toolbox: ToolboxFacts) -> Finding:
    name, remedy = f"toolbox-{toolbox.name}", f"Run `tunesmith toolbox install {toolbox.name}`."
    if toolbox.presence == "ready":
        return ok(name, f"{toolbox.title}: installed", toolbox.path)
    action = Action(method="POST", path=f"/api/toolboxes/{toolbox.name}:install", label="Install")
    if toolbox.presence == "missing":
        said = f"It takes about {toolbox.disk_bytes / GIB:.1f} GiB."
        return warn(name, f"The toolbox {toolbox.name} isn't installed", f"{toolbox.title}. {said}", remedy, action)
    said = f"{toolbox.path} is there without its mark of completeness; it is removed and made again."
    return warn(name, f"The toolbox {toolbox.name} is half-made, or being made", said, remedy, action)


def torch_finding(toolbox: ToolboxFacts, machine: Hardware, sees_gpu: Callable[[str], bool | None]) -> Finding | None:
    """A GPU that the toolbox's PyTorch can't use: the costliest thing to overlook. None where there is nothing to say."""
    if not machine.gpus or toolbox.torch != "cuda" or toolbox.presence != "ready" or toolbox.torch_version is None:
        return None
    name, card = f"torch-{toolbox.name}", machine.gpus[0].name
    action = Action(method="POST", path=f"/api/toolboxes/{toolbox.name}:install?rebuild=true", label="Rebuild with CUDA")
    if "+cpu" in toolbox.torch_version:
        said = f"PyTorch {toolbox.torch_version} in {toolbox.name} is a build without CUDA: {card} stays idle."
        remedy = f"Run `tunesmith toolbox install --rebuild {toolbox.name}`."
        return error(name, "A GPU IS THERE, BUT TRAINING USES THE CPU", said, remedy, action)
    if sees_gpu(toolbox.path) is False:
        said = f"PyTorch {toolbox.torch_version} doesn't see {card}; driver {machine.gpus[0].driver} may be too old for its CUDA."
        remedy = "Update the NVIDIA driver; `nvidia-smi` shows which CUDA it can do."
        return error(name, "A GPU IS THERE, BUT PYTORCH CAN'T SEE IT", said, remedy)
    return ok(name, f"PyTorch {toolbox.torch_version} uses {card}")


def torch_sees_gpu(path: str) -> bool | None:
    """Asks the PyTorch of the environment at `path`; None when it gave no answer."""
    argv = (str(environment_python(path)), "-c", SEES_GPU)
    try:
        asked = subprocess.run(argv, capture_output=True, text=True, timeout=SEES_GPU_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"True": True, "False": False}.get(asked.stdout.strip())
