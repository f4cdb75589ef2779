"""Tools can write where plans lie. A plan that asks for what no step of ours asks gets nothing of it."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.step import Output, Step, Toolbox
from tunesmith.jobs.execution import _drop_parts, resolved


def test_only_secrets_of_steps_are_resolved() -> None:
    environment = {"HF_TOKEN": "hub", "TUNESMITH_TOKEN": "login", "AWS_SECRET": "else's"}
    asked = {"HF_TOKEN": "env:HF_TOKEN", "MINE": "env:TUNESMITH_TOKEN", "OTHER": "env:AWS_SECRET", "PLAIN": "value"}
    assert resolved(asked, environment) == {"HF_TOKEN": "hub", "PLAIN": "value"}


def test_only_parts_of_artifacts_are_taken_away(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (tmp_path / ".tunesmith").mkdir()
    token, mine, real = tmp_path / ".tunesmith" / "token", tmp_path / "models" / "mine", models / ".new.part-job-1"
    for file in (token, mine, real):
        file.write_text("x")
    forged = [(token, models / "new"), (mine, models / "new"), (models / ".." / ".tunesmith" / "token", models / "new")]
    pairs = [*forged, (token, tmp_path / ".tunesmith" / "other"), (real, models / "new")]
    outputs = tuple(Output(part=str(part), path=str(path), sidecar={}) for part, path in pairs)
    attempt = tmp_path / "job" / "01-make" / "1"
    attempt.mkdir(parents=True)
    _drop_parts(attempt, Step(name="make", toolbox=Toolbox.SYSTEM, argv=("true",), outputs=outputs), tmp_path)
    assert token.exists() and mine.exists() and not real.exists()
