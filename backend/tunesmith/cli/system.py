"""`tunesmith doctor | du | clean`"""

from __future__ import annotations

from typing import Annotated

import typer

from tunesmith.cli.show import JsonOption, print_json, remark, say, table


def doctor(
    everything: Annotated[bool, typer.Option("--all", help="Also what is well.")] = False, as_json: JsonOption = False
) -> None:
    """What is missing here, and how to mend it.

    Also what this machine can do. Exit status 1 when there is an error.
    """
    from tunesmith.cli.client import connect
    from tunesmith.system.doctor import Diagnosis
    from tunesmith.system.findings import Level

    found = connect().get("/api/system/doctor", Diagnosis)
    if as_json:
        print_json(found)
    else:
        marks = {Level.OK: "✔", Level.WARN: "!", Level.ERROR: "✘"}
        well = [finding for finding in found.findings if finding.level is Level.OK]
        for finding in found.findings:
            say(f"{marks[finding.level]} {finding.title}")
            if finding.level is not Level.OK or everything:
                for line in (finding.detail, finding.remedy):
                    if line:
                        say(f"    {line}")
        say(f"{len(well)} of {len(found.findings)} checks are well")
    if found.level is Level.ERROR:
        raise typer.Exit(1)


def du(as_json: JsonOption = False) -> None:
    """Where the bytes are."""
    from tunesmith.cli.client import connect
    from tunesmith.cli.words import size
    from tunesmith.system.du import DiskUse

    use = connect().get("/api/system/du", DiskUse)
    if as_json:
        print_json(use)
        return
    rows = []
    for part in use.parts:
        rows.append((size(part.bytes), part.part, part.path))
        rows += [(f"  {size(entry.bytes)}", "", entry.path) for entry in part.entries[:3]]
    table(("size", "part", "path"), rows, "Nothing yet.")
    shared = use.bytes < sum(part.bytes for part in use.parts)
    remark(f"{size(use.bytes)} in all" + (", files that parts share counted once" if shared else ""))


def clean(
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without this it is only listed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what nobody needs any more; --yes removes it.

    Unfinished outputs of ended jobs, old job folders, old toolboxes; never what you made.
    """
    from tunesmith.cli.client import connect
    from tunesmith.cli.words import size
    from tunesmith.system.clean import Cleaning

    client = connect()
    done = client.post("/api/system:clean", Cleaning) if yes else client.get("/api/system/clean", Cleaning)
    if as_json:
        print_json(done)
    else:
        table(("size", "path", "why"), [(size(item.bytes), item.path, item.reason) for item in done.items], "Nothing to remove.")
        if done.items:
            remark(f"{size(done.bytes)} " + ("removed" if done.removed else "can go: `tunesmith clean --yes` removes it"))
    for line in done.failed:
        remark(f"not removed: {line}")
    if done.failed:
        raise typer.Exit(1)
