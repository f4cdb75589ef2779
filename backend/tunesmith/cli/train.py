"""`tunesmith train`: rows, or a typed YAML, become an adapter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tunesmith.cli.show import JsonOption, print_json, remark, say

if TYPE_CHECKING:
    from tunesmith.cli.client import Client

YAML = (".yaml", ".yml")


def train(
    source: Annotated[
        Path, typer.Argument(help="Rows (JSONL), or a YAML with the whole configuration.", exists=True, dir_okay=False)
    ],
    base: Annotated[str | None, typer.Option(help="Base model; default: the only one there is.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the configuration; may be repeated.", metavar="KEY=VALUE")
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad lines out instead of refusing the rows.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Print the commands and what they need, run nothing.")] = False,
    detach: Annotated[bool, typer.Option("--detach/--follow", help="Don't wait for the end.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Fine-tune a base model on your rows."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.follow import end_with
    from tunesmith.domain.job import JobStatus

    named = {key: value for key, value in (("base", base), ("name", name)) if value is not None}
    changes = {**named, **settings_of(setting or [])}
    client = connect()
    is_yaml = source.suffix.lower() in YAML
    body = _from_yaml(source, bool(changes)) if is_yaml else _from_rows(client, source, base, skip_bad)
    body = {**body, **changes}
    if plan:
        _print_plan(client, body, as_json)
        return
    end_with(client, client.post("/api/runs", JobStatus, body), detach)


def settings_of(pairs: list[str]) -> dict[str, Any]:
    """`key=value` pairs; values are read as YAML reads them (5, 1e-4, true, text)."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise typer.BadParameter(f"{pair!r} is not KEY=VALUE", param_hint="--set")
        found[key.strip()] = value_of(value)
    return found


def value_of(text: str) -> Any:
    """As YAML reads it; 1e-4, which YAML takes for text, is a number here."""
    import yaml

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _from_yaml(file: Path, changed: bool) -> dict[str, Any]:
    """The settings in `file`. As it stands it is checked here too, where mistakes can be told with their line."""
    import yaml

    from tunesmith.domain.errors import InvalidInput
    from tunesmith.training.config_text import load

    try:
        text = file.read_text(encoding="utf-8")
        if not changed:
            load(text, str(file))
        content = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} is no valid YAML", " ".join(str(error).split()), "Correct it and run this again.") from error
    if not isinstance(content, dict):
        raise InvalidInput(f"{file} has no settings", "It must hold lines of `key: value`.", "Name at least base and dataset.")
    return content


def _from_rows(client: Client, file: Path, base: str | None, skip_bad: bool) -> dict[str, Any]:
    """Takes the rows in and names what the run needs besides."""
    from tunesmith.cli.datasets import describe
    from tunesmith.cli.rows import ensure_dataset

    chosen = base or only_base(client)
    dataset = ensure_dataset(client, file, skip_bad)
    describe(dataset)
    return {"base": chosen, "dataset": dataset.name}


def only_base(client: Client) -> str:
    """The name of the one base model there is. Raises `InvalidInput` that names the way to one, or the choice."""
    from tunesmith.cli.models import artifacts
    from tunesmith.domain.errors import InvalidInput

    names = sorted(item.name for item in artifacts(client, "base") if not item.problems)
    if len(names) == 1:
        remark(f"base model: {names[0]}, the only one there is")
        return names[0]
    if names:
        raise InvalidInput("Which base model?", f"There are: {', '.join(names)}.", "Name one by --base.")
    remedy = "`tunesmith models add --starter` (or --hub ID, or --folder PATH) brings one in."
    raise InvalidInput("There is no base model yet", "", remedy)


def _print_plan(client: Client, body: dict[str, Any], as_json: bool) -> None:
    from tunesmith.cli.plan import RunPlan, end_plan, needs, print_steps

    plan = client.post("/api/runs:plan", RunPlan, body)
    if as_json:
        print_json(plan)
    else:
        say(f"# in all{needs(plan.estimate)}")
        print_steps(plan.steps)
    end_plan(plan.warnings, plan.refusals)
