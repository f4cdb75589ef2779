"""What was recorded, as files and as the projects that they came from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "recorded" / "easy-dataset"
BAKERY = "_Nykmm-F-axw"
AWKWARD = "w7gKvGYhcdyJ"


def transcript(number: int) -> dict[str, Any]:
    """The response of one recorded call: status, headers, body."""
    [path] = (FOLDER / "transcripts").glob(f"{number:03}-*.json")
    response: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["response"]
    return response


def export(path: str) -> bytes:
    return (FOLDER / "exports" / path).read_bytes()


@dataclass
class Project:
    """One project. All of it may be changed by a test."""

    record: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    conversations: list[dict[str, Any]] = field(default_factory=list)
    confirmed_conversations: list[dict[str, Any]] = field(default_factory=list)
    evaluation: list[dict[str, Any]] = field(default_factory=list)

    def listed(self) -> dict[str, Any]:
        counts = {
            "Datasets": len(self.rows),
            "Questions": len(self.rows),
            "ImageDatasets": 0,
            "EvalDatasets": len(self.evaluation),
        }
        return self.record | {"_count": counts, "totalTokens": 0}

    def page(self, number: int, size: int, status: str | None) -> dict[str, Any]:
        """As GET …/datasets answers: newest first; `confirmedCount` counts within the page."""
        wanted = {"confirmed": True, "unconfirmed": False}.get(status or "")
        found = [row for row in self.rows if wanted is None or row["confirmed"] is wanted]
        shown = found[(number - 1) * size : number * size]
        return {"data": shown, "total": len(found), "confirmedCount": sum(row["confirmed"] for row in shown)}


def projects() -> dict[str, Project]:
    """The two projects whose rows were recorded."""
    [bakery] = [record for record in transcript(205)["body"] if record["id"] == BAKERY]
    plain = {name: value for name, value in bakery.items() if name not in ("_count", "totalTokens")}
    return {
        BAKERY: Project(
            plain,
            json.loads(export("http/datasets-page-all-columns.json"))["data"],
            json.loads(export("http/dataset-conversations-export.json")),
            transcript(192)["body"],
            json.loads(export("http/eval-datasets-export.json")),
        ),
        AWKWARD: Project(plain | {"id": AWKWARD, "name": "Awkward rows", "description": ""}, transcript(246)["body"]["data"]),
    }
