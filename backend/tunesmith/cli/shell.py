"""The outermost layer of every command: what goes wrong becomes a few clear lines and an exit status, never a traceback."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Context

FAILED = 1
INTERRUPTED = 130


class Shell(TyperGroup):
    """A group of commands that turns errors into words. Exit 1: it failed; 130: it was interrupted."""

    def invoke(self, ctx: Context) -> Any:
        return guarded(lambda: super(Shell, self).invoke(ctx))


def guarded(act: Callable[[], Any]) -> Any:
    """`act`, with known errors printed as title, detail and remedy, and unknown ones as one line and the log they are in."""
    try:
        return act()
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(FAILED) from None
    except Exception as failure:
        if _is_for_click(failure):
            raise
        _say(failure)
        raise typer.Exit(FAILED) from None


def _is_for_click(failure: Exception) -> bool:
    """Usage errors, exits and aborts, which the command line library reports itself."""
    return any(kind.__name__ in ("ClickException", "Exit", "Abort") for kind in type(failure).__mro__)


def _say(failure: Exception) -> None:
    from tunesmith.domain.errors import TunesmithError

    if isinstance(failure, TunesmithError):
        for line in (f"error: {failure.title}", failure.detail, failure.remedy):
            if line:
                typer.echo(line, err=True)
        return
    log = _logged(failure)
    where = f"; details are in {log}" if log else ""
    typer.echo(f"error: unexpected {type(failure).__name__}: {str(failure).splitlines()[:1]}{where}", err=True)


def _logged(failure: Exception) -> Path | None:
    """The file that now holds the traceback; None when none can be written."""
    from tunesmith.settings import load_settings

    try:
        log = load_settings().place.ours / "logs" / "cli.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat()} {' '.join(sys.argv)}\n")
            file.writelines(traceback.format_exception(failure))
    except Exception:  # whatever hinders this must not hide the first error
        return None
    return log
