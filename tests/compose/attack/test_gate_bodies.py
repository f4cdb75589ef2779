"""The gate: what a command may be. Our wrapper in a job's folder, nothing more; and in how many spellings nothing more."""

from __future__ import annotations

import json

import pytest
import yaml

from .checks import GateDoor
from .engine import ATTEMPT, HOME, JOB_SH, POWER, ROOT, TOOLBOX, VIEW, container, docker, exec_body

EXEC = f"/v1.41/containers/{container('llamafactory')}/exec"
START = "/v1.41/exec/" + "a" * 64 + "/start"
CMD = json.dumps([JOB_SH, "run", ATTEMPT])
FIELDS: list[dict[str, object]] = [
    {"Privileged": True}, {"privileged": True}, {"PRIVILEGED": True}, {"User": "root"}, {"User": "0:0"}, {"user": "root"},
    {"User": " "}, {"U\u017fer": "root"}, {"Tty": True}, {"AttachStdin": True}, {"Unknown": 1}, {"ConsoleSize": [1, 1]},
    {"WorkingDir": "/"}, {"WorkingDir": "/etc"}, {"WorkingDir": f"{HOME}/../.."}, {"WorkingDir": f"{HOME}/"},
    {"WorkingDir": HOME.replace(".", "x")}, {"WorkingDir": "/proc/1/root"}, {"workingdir": "/"}, {"DetachKeys": "ctrl-a"},
    {"Env": "A=b"}, {"Env": [1]}, {"Env": {"A": "b"}},
]  # fmt: skip
COMMANDS: list[object] = [
    ["id"], ["sh", "-c", "id"], "id", [], None, {"a": 1}, [JOB_SH], [JOB_SH, "run"], [[JOB_SH, "run", ATTEMPT]],
    ["sh", JOB_SH, "run", ATTEMPT], [f"{JOB_SH} ", "run", ATTEMPT], [f"{JOB_SH}x", "run", ATTEMPT], ["job.sh", "run", ATTEMPT],
    ["/opt/tunesmith/toolbox/../../../bin/sh", "run", ATTEMPT], [JOB_SH.replace(".", "x"), "run", ATTEMPT],
    [f"/{JOB_SH}", "run", ATTEMPT], [JOB_SH, "exec", ATTEMPT], [JOB_SH, "run ", ATTEMPT], [JOB_SH, "RUN", ATTEMPT],
    [JOB_SH, "--", "run", ATTEMPT], [JOB_SH, "run", "/etc"], [JOB_SH, "run", "/"], [JOB_SH, "run", "--", "id"],
    [JOB_SH, "run", HOME], [JOB_SH, "run", f"{HOME}/saves/x"], [JOB_SH, "run", f"{HOME}/.tunesmith/token"],
    [JOB_SH, "run", f"{HOME}/.tunesmith/jobs"], [JOB_SH, "run", f"{HOME}/.tunesmith/jobs/"],
    [JOB_SH, "run", f"{HOME}/.tunesmith/jobs/.."], [JOB_SH, "run", f"{HOME}/.tunesmith/jobs/../../etc"],
    [JOB_SH, "run", f"{HOME}/.tunesmith/jobs/./a"], [JOB_SH, "run", f"{HOME}/.tunesmith/jobs//a"],
    [JOB_SH, "run", f"{HOME}/.tunesmith/jobs/a/"], [JOB_SH, "run", f"{HOME}/.tunesmith/jobsx/a"],
    [JOB_SH, "run", f"{HOME}/.tunesmith/jobs/a b"], [JOB_SH, "run", f"{HOME}/.tunesmith/jobs/a\n"],
    [JOB_SH, "run", f"/x{HOME}/.tunesmith/jobs/a"], [JOB_SH, "run", HOME.replace(".", "x") + "/.tunesmith/jobs/a"],
    [JOB_SH, "run", ATTEMPT, 1], [JOB_SH, "run", ATTEMPT, ["id"]],
]  # fmt: skip
TEXTS = [
    '{"Cmd": ["id"], "Cmd": %s}', '{"Cmd": %s, "Cmd": ["id"]}', '{"Cmd": %s, "cmd": ["id"]}', '{"Cmd": %s, "CMD": ["id"]}',
    '{"Cmd": %s, "\\u0043md": ["id"]}', '{"Cmd": %s, "\\u0050rivileged": true}',
    '{"Cmd": %s, "Privileged": false, "Privileged": true}',
    '{"Cmd": %s, "Privileged": null, "privileged": true}', '{"Cmd": %s}{"Privileged": true}', '{"Cmd": %s} x',
    "\ufeff" '{"Cmd": %s}',
    '[{"Cmd": %s}]', '{"Cmd": %s/*"*/, "Privileged": true}', '{"Cmd": %s, "Privileged": true}\0', '{"Cmd": %s, "Env": ["a\nb"]}',
    '{"Cmd": %s, "Env": ["a\\"], "Privileged": true, "Env": ["b"]}', '{"Cmd": %s, "Env": ["a\\u00zz"]}', '{"Cmd": %s,}',
    '{Cmd: %s}',
    "{'Cmd': %s}", "", "{}", "null", '"Cmd"', '{"Cmd": %s', '{"Cmd": %s, "Privileged": "true"}', '{"Cmd": %s, "Privileged": 1}',
]  # fmt: skip
STARTS = [
    {}, "", {"Detach": False, "Tty": False}, {"Detach": True, "Tty": True}, {"Tty": False}, {"detach": True}, {"Detach": 1},
    '{"Detach": true, "detach": false}', '{"Detach": true, "Detach": false}', '{"Detach": true, "ConsoleSize": [1, 1]}', "[]",
]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_no_field(gate_door: GateDoor, field: dict[str, object]) -> None:
    gate_door.refuses("gate: exec fields", str(field), gate_door.gate.ask("POST", EXEC, exec_body(**field)))
    raw = json.dumps(exec_body(**field), ensure_ascii=False)
    gate_door.refuses("gate: exec fields", f"unescaped {field}", gate_door.gate.ask("POST", EXEC, raw))


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_no_command(gate_door: GateDoor, command: object) -> None:
    gate_door.refuses("gate: commands", str(command), gate_door.gate.ask("POST", EXEC, exec_body(Cmd=command)))


@pytest.mark.parametrize("text", TEXTS)
def test_no_trick_with_json(gate_door: GateDoor, text: str) -> None:
    body = text.replace("%s", CMD)
    gate_door.refuses("gate: JSON", text, gate_door.gate.ask("POST", EXEC, body))


@pytest.mark.parametrize("size", [20_000, 90_000, 110_000, 140_000, 300_000])
def test_nothing_behind_a_long_body(gate_door: GateDoor, size: int) -> None:
    body = f'{{"Cmd": {CMD}, "Env": ["{"x" * size}"], "Privileged": true}}'
    gate_door.refuses("gate: JSON", f"privileged after {size} bytes", gate_door.gate.ask("POST", EXEC, body))
    longer = json.dumps(exec_body(Env=["x" * size]))
    if size > 102_400:
        gate_door.refuses("gate: JSON", f"{size} bytes", gate_door.gate.ask("POST", EXEC, longer))


def test_no_other_kind_of_body(gate_door: GateDoor) -> None:
    ask = gate_door.gate.ask
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/jsonx", ""):
        gate_door.refuses("gate: JSON", f"type {kind}", ask("POST", EXEC, exec_body(), [f"Content-Type: {kind}"]))
    gate_door.refuses("gate: JSON", "query", ask("POST", f"{EXEC}?x=1", exec_body()))
    for body in STARTS:
        gate_door.refuses("gate: exec start", str(body), ask("POST", START, body))
    for target in (
        START.replace("/start", "/resize?h=1&w=1"),
        START[:-7] + "g/start",
        START.replace("a" * 64, "a" * 63),
        f"{START}?x=1",
    ):
        gate_door.refuses("gate: exec start", target, ask("POST", target, {"Detach": True}))


def test_what_the_orchestrator_sends(gate_door: GateDoor) -> None:
    bodies = [
        exec_body(), exec_body(Env=None), exec_body(Cmd=[JOB_SH, "cancel", ATTEMPT, "5.00"]),
        exec_body(Cmd=[JOB_SH, "lost", ATTEMPT]),
        exec_body(Cmd=[JOB_SH, "run", f"{HOME}/.tunesmith/services/llama-1/1", "--", "a", "b \" \\ é"]),
        exec_body(Env=["x" * 95_000]), exec_body(Env=[f"N{n}=1" for n in range(3000)]),
    ]  # fmt: skip
    for body in bodies:
        gate_door.serves("gate: commands", str(body)[:200], gate_door.gate.ask("POST", EXEC, body), 201)
    bare = {key: value for key, value in exec_body().items() if key != "WorkingDir"}
    gate_door.serves("gate: commands", "no WorkingDir", gate_door.gate.ask("POST", EXEC, bare), 201)
    for body in ({"Detach": True}, {"Tty": False, "Detach": True}, {"Detach": True, "Tty": False}):
        gate_door.serves("gate: exec start", str(body), gate_door.gate.ask("POST", START, body), 404)


def test_the_gate_knows_the_services_of_the_stack() -> None:
    """Its lists are those that these attacks were made with, and every service of the stack is among them."""
    environment = yaml.safe_load((ROOT / "compose" / "gate.yml").read_text())["services"]["gate"]["environment"]
    assert [sorted(environment[key].split("|")) for key in ("VIEW", "POWER", "TOOLBOX")] == [
        sorted(each) for each in (VIEW, POWER, TOOLBOX)
    ]
    services = docker("compose", "--project-directory", str(ROOT), "--profile", "*", "config", "--services").split()
    # The one ends when it has done its work; the other is for work on the dashboard, and Tunesmith asks nothing of it.
    assert set(services) - {"permissions", "frontend"} == set(VIEW)
