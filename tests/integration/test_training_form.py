"""What the form of a training is told while it is filled in: by the real orchestrator, as its page asks."""

from __future__ import annotations

from .application import Application

GOOD = {"base": "tiny", "dataset": ["rows"], "name": "formed"}


def test_a_form_is_told_the_plan_or_what_is_wrong_with_it(stocked: Application) -> None:
    checked = stocked.post("/api/runs:check", GOOD).raise_for_status().json()
    assert (checked["plan"]["name"], checked["problem"]) == ("formed", None)
    assert checked["plan"] | {"steps": []} == stocked.post("/api/runs:plan", GOOD).raise_for_status().json() | {"steps": []}
    wrong = stocked.post("/api/runs:check", GOOD | {"rank": "many", "epochs": 0}).raise_for_status().json()
    assert wrong["plan"] is None and wrong["problem"]["status"] == 422
    assert {each["where"] for each in wrong["problem"]["errors"]} == {"rank", "epochs"}


def test_what_this_machine_cannot_do_stands_beside_its_setting(stocked: Application) -> None:
    for given, where in (({"template": "chatmll"}, "template"), ({"extra": {"seed": 1}}, "extra")):
        problem = stocked.post("/api/runs:check", GOOD | given).raise_for_status().json()["problem"]
        assert [each["where"] for each in problem["errors"]] == [where]
    gone = stocked.post("/api/runs:check", GOOD | {"dataset": ["nobody"]}).raise_for_status().json()["problem"]
    assert gone["status"] == 404 and "nobody" in gone["title"]


def test_every_setting_that_the_form_is_offered_can_be_given(stocked: Application) -> None:
    options = stocked.client.get("/api/runs:options").raise_for_status().json()
    defaults = {each["name"]: each["default"] for each in options["settings"] if not each["required"]}
    checked = stocked.post("/api/runs:check", defaults | GOOD).raise_for_status().json()
    assert checked["problem"] is None
    assert "chatml" in options["templates"]
