"""Scripts of a toolbox by one Python that has imported what they import: each runs in a fork of it, as its own main program.

Importing transformers takes most of the time of a script that only renders text. What a script imports beyond that, it imports.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from kit.waiting import waiting

# argv: the statement to start with. A line of stdin: {"argv", "stdout", "stderr"}; a line of stdout: the script's status.
FORKING = """
import json, os, runpy, sys
exec(sys.argv[1])
for line in sys.stdin:
    asked = json.loads(line)
    pid = os.fork()
    if not pid:
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT), number)
        sys.argv = asked["argv"]
        sys.path[0] = os.path.dirname(sys.argv[0])
        runpy.run_path(sys.argv[0], run_name="__main__")
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class WarmPython:
    """`with WarmPython(python, "import torch", environment) as warm: warm.run(script, *arguments)`."""

    def __init__(self, python: Path, first: str, environment: Mapping[str, str]) -> None:
        """Raises nothing yet: where `first` fails, the first run says so."""
        self._folder = tempfile.TemporaryDirectory(prefix="tunesmith-warm-")
        self._process = subprocess.Popen(
            [str(python), "-c", FORKING, first],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | environment,
        )  # fmt: skip

    def __enter__(self) -> WarmPython:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
        self._folder.cleanup()

    def run(self, script: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        """What `subprocess.run` of the script would give, with its output as text."""
        assert self._process.stdin and self._process.stdout
        argv = [str(script), *map(str, arguments)]
        said = {name: Path(tempfile.mkstemp(dir=self._folder.name)[1]) for name in ("stdout", "stderr")}
        with waiting("toolbox"):
            self._process.stdin.write(json.dumps({"argv": argv, **{name: str(path) for name, path in said.items()}}) + "\n")
            self._process.stdin.flush()
            status = self._process.stdout.readline()
        assert status, f"the Python that should have run {script} has ended"
        out, err = (said[name].read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(argv, int(status), out, err)
