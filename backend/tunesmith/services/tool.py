"""The tools with a page that can be started natively: in which toolbox each is, and how it is started there. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.domain.home import Home
from tunesmith.domain.place import Command, Programs, with_program
from tunesmith.domain.step import Toolbox
from tunesmith.steps.environment import OFFLINE, PATIENT, QUIET


@dataclass(frozen=True)
class Tool:
    """`toolboxes`: where it can be found, the first that is installed serves. `script`: which listens on loopback only, and
    refuses who comes by another name or from another page: natively nothing else stands before it."""

    name: str
    title: str
    toolboxes: tuple[Toolbox, ...]
    script: str
    args: Callable[[Home], tuple[str, ...]]
    port: int
    """The one it is known by; another when that is taken."""
    health: str
    """Path that answers 200 when it is ready."""
    env: dict[str, str] = field(default_factory=dict)

    def command(self, home: Home, programs: Programs, toolbox: Toolbox, port: int, path: str, offline: bool) -> Command:
        """`path`: the PATH of the environment. What the tool itself starts has to be found there as well."""
        words = [programs.script(toolbox, self.script), *self.args(home), "--port", str(port)]
        argv = with_program(programs, toolbox, "python", words)
        env = QUIET | PATIENT | self.env | {"PATH": f"{Path(argv[0]).parent}:{path}"} | (OFFLINE if offline else {})
        return Command(toolbox, argv, cwd=home.root, env=env)


TENSORBOARD = Tool(
    name="tensorboard",
    title="TensorBoard",
    # LLaMA-Factory's environment has it too: who has trained needs no other.
    toolboxes=(Toolbox.TENSORBOARD, Toolbox.LLAMAFACTORY),
    script="boards/serve_tensorboard.py",
    args=lambda home: ("--logdir", str(home.saves)),
    port=6006,
    health="/data/environment",
)
LLAMABOARD = Tool(
    name="llamafactory",
    title="LlamaBoard",
    toolboxes=(Toolbox.LLAMAFACTORY,),
    script="boards/serve_llamaboard.py",
    args=lambda home: ("--state", str(home.ours / "tools" / "llamafactory")),
    port=7860,
    # A small answer of Gradio's: its page is half a megabyte.
    health="/gradio_api/app_id",
    env={"GRADIO_ANALYTICS_ENABLED": "False"},
)
TOOLS = (TENSORBOARD, LLAMABOARD)
