"""Plans say how long they will take, also on a machine where nothing was done before."""

from __future__ import annotations

from .application import Application


def test_a_training_and_a_release_are_timed_before_they_start(stocked: Application) -> None:
    training = stocked.post("/api/runs:plan", {"base": "tiny", "dataset": ["rows"], "name": "timed"}).raise_for_status().json()
    release = stocked.post("/api/releases:plan", {"adapter": "good", "name": "timed"}).raise_for_status().json()
    for plan in (training, release):
        names = [step["name"] for step in plan["steps"]]
        assert all(step["estimate"]["seconds"] for step in plan["steps"]), names
        total = plan["estimate"]
        assert total["seconds_low"] < total["seconds"] < total["seconds_high"]
        assert total["seconds"] >= max(step["estimate"]["seconds"] for step in plan["steps"])
        assert total["seconds_basis"] == "sum of the steps"
    train = next(step["estimate"] for step in training["steps"] if step["name"] == "train")
    assert train["seconds_basis"] == "guess from a 135M model on 2 cores" and train["work"] > 0
