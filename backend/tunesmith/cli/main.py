"""`tunesmith`: thin commands over the HTTP API. Heavy imports are made inside the commands: `--help` stays quick."""

from __future__ import annotations

from importlib.util import find_spec

import typer

from tunesmith.cli import chat, datasets, home, jobs, models, release, system, toolbox, train, trust
from tunesmith.cli.shell import Shell

app = typer.Typer(
    cls=Shell,
    name="tunesmith",
    help="From documents to a tuned model that answers in your own chat, on one box you own.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(home.up)
app.command()(home.down)
app.command()(home.status)
app.command()(home.token)
app.command()(home.link)
app.command()(trust.trust)
app.command()(system.doctor)
app.command()(system.du)
app.command()(system.clean)
app.command()(train.train)
app.command()(release.release)
app.command()(release.rollback)
app.command()(chat.chat)
app.add_typer(toolbox.app, name="toolbox")
app.add_typer(models.app, name="models")
app.add_typer(datasets.app, name="datasets")
app.add_typer(jobs.app, name="jobs")

if find_spec("tunesmith.cli.demo"):
    from tunesmith.cli.demo import demo  # type: ignore[import-untyped,unused-ignore]

    app.command()(demo)

if __name__ == "__main__":
    app()
