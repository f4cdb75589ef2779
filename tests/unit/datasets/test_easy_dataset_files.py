"""The files that easy-dataset 1.7.3 wrote, byte for byte; and what a row may look like that can't be taken over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunesmith.datasets.easy_dataset import provenance
from tunesmith.datasets.easy_dataset.files import entries
from tunesmith.datasets.easy_dataset.provenance import Tally
from tunesmith.datasets.easy_dataset.records import Choice
from tunesmith.datasets.easy_dataset.service import _items
from tunesmith.datasets.easy_dataset.shapes import Item, item, nearest, tags
from tunesmith.domain.dataset import Format

EXPORTS = Path(__file__).parents[2] / "recorded" / "easy-dataset" / "exports"
STEM = "datasets-_Nykmm-F-axw"

# file → rows, rows with reasoning, questions that were there before
COUNTS = {
    f"browser/alpaca-csv/{STEM}-alpaca-2026-11-21.csv": (37, 30, 0),
    f"browser/alpaca-input-field-jsonl/{STEM}-alpaca-2026-11-21.jsonl": (37, 30, 0),
    f"browser/alpaca-json-cot/{STEM}-alpaca-2026-11-21.json": (37, 30, 0),
    f"browser/alpaca-json-no-cot/{STEM}-alpaca-2026-11-21.json": (37, 0, 0),
    f"browser/alpaca-jsonl-confirmed-cot/{STEM}-alpaca-2026-11-21.jsonl": (11, 8, 0),
    f"browser/custom-json/{STEM}-custom-2026-11-21.json": (37, 30, 0),
    f"browser/multilingual-thinking-json/{STEM}-multilingual-thinking-2026-11-21.json": (37, 30, 0),
    f"browser/multilingual-thinking-jsonl/{STEM}-multilingual-thinking-2026-11-21.jsonl": (37, 30, 0),
    f"browser/sharegpt-csv/{STEM}-sharegpt-2026-11-21.csv": (37, 30, 0),
    f"browser/sharegpt-json-cot/{STEM}-sharegpt-2026-11-21.json": (37, 30, 0),
    f"browser/sharegpt-jsonl-confirmed-no-cot/{STEM}-sharegpt-2026-11-21.jsonl": (11, 0, 0),
    "http/dataset-conversations-export.json": (36, 0, 0),
    "http/datasets-export-all.json": (37, 30, 0),
    "http/datasets-export-confirmed.json": (11, 8, 0),
    "http/datasets-page-all-columns.json": (37, 30, 0),
    "http/eval-datasets-export.csv": (28, 0, 21),
    "http/eval-datasets-export.json": (28, 0, 21),
    "http/eval-datasets-export.jsonl": (28, 0, 21),
    **{f"llamafactory-awkward-rows/{name}.json": (5, 2, 1) for name in ("alpaca", "sharegpt", "multilingual-thinking")},
    **{f"llamafactory-confirmed-cot/{name}.json": (11, 8, 0) for name in ("alpaca", "sharegpt", "multilingual-thinking")},
    **{
        f"llamafactory-confirmed-no-cot-no-system/{name}.json": (11, 0, 0)
        for name in ("alpaca", "sharegpt", "multilingual-thinking")
    },
    **{f"llamafactory-defaults-empty-body/{name}.json": (26, 0, 0) for name in ("alpaca", "sharegpt", "multilingual-thinking")},
    **{f"llamafactory-empty-project/{name}.json": (0, 0, 0) for name in ("alpaca", "sharegpt", "multilingual-thinking")},
    **{f"llamafactory-not-confirmed-only/{name}.json": (26, 22, 0) for name in ("alpaca", "sharegpt", "multilingual-thinking")},
}


def taken(file: Path, folder: Path, **choice: object) -> tuple[Tally, list[dict[str, object]], list[dict[str, object]]]:
    """The count, the rows and the provenance that an import of `file` writes."""
    rows, beside = folder / "rows.jsonl", folder / "provenance.jsonl"
    found = list(entries(file))
    wanted = Choice.model_validate(choice)
    format = wanted.format or nearest(found[0].row if found else {})
    tally = provenance.write(_items(found, wanted, format), rows, beside)
    return tally, *([json.loads(line) for line in path.read_text().splitlines()] for path in (rows, beside))  # type: ignore[return-value]


def test_every_recorded_export_is_named_here() -> None:
    assert {path.relative_to(EXPORTS).as_posix() for path in EXPORTS.rglob("*") if path.is_file()} == set(COUNTS)


@pytest.mark.parametrize("name", COUNTS)
def test_an_export_is_taken_over_whole(tmp_path: Path, name: str) -> None:
    tally, rows, beside = taken(EXPORTS / name, tmp_path)
    assert (tally.taken, tally.reasoning, tally.duplicates) == COUNTS[name]
    assert (tally.total, tally.left_out_count, len(rows)) == (tally.taken, 0, tally.taken)
    assert [line["line"] for line in beside] == list(range(1, tally.taken + 1))


def test_all_formats_of_one_project_come_down_to_the_same_rows(tmp_path: Path) -> None:
    """easy-dataset's own alpaca, ShareGPT and thinking files of 26 rows say the same, whatever the format."""
    folder, found = EXPORTS / "llamafactory-not-confirmed-only", []
    for name in ("alpaca", "sharegpt", "multilingual-thinking"):
        (tmp_path / name).mkdir()
        found.append(taken(folder / f"{name}.json", tmp_path / name, format="messages")[1])
    assert found[0] == found[1] == found[2]
    assert str(found[0][0]["messages"][2]["content"]).startswith("<think>A birthday cake needs a deposit.")  # type: ignore[index]


def test_reasoning_is_written_as_the_tool_writes_it(tmp_path: Path) -> None:
    theirs = json.loads((EXPORTS / f"browser/alpaca-json-cot/{STEM}-alpaca-2026-11-21.json").read_text())
    _, ours, _ = taken(EXPORTS / "http/datasets-page-all-columns.json", tmp_path, system=theirs[0]["system"])
    assert ours == theirs


def test_and_left_out_when_it_isn_t_wanted(tmp_path: Path) -> None:
    theirs = json.loads((EXPORTS / f"browser/alpaca-json-no-cot/{STEM}-alpaca-2026-11-21.json").read_text())
    tally, ours, beside = taken(EXPORTS / "http/datasets-page-all-columns.json", tmp_path, reasoning=False)
    assert (ours, tally.reasoning) == (theirs, 0)
    assert sum(bool(line.get("cot")) for line in beside) == 30


def test_what_training_does_not_read_is_kept_row_by_row(tmp_path: Path) -> None:
    _, _, beside = taken(EXPORTS / "http/datasets-page-all-columns.json", tmp_path)
    first = beside[0]
    assert (first["row"], first["questionLabel"], first["tags"]) == ("52CnDT_9GQDpOZTErEWmT", "7.3 Shelf life", ["manual"])
    assert sorted({line["score"] for line in beside}) == [0, 2.5, 3.5, 4, 4.5, 5]
    assert sum(line["confirmed"] is True for line in beside) == 11


def test_choices_of_a_test_question_are_lettered(tmp_path: Path) -> None:
    _, rows, beside = taken(EXPORTS / "http/eval-datasets-export.csv", tmp_path)
    question = "What does E12 mean?\nA. Low water\nB. Over-temperature\nC. Door open\nD. Sensor failed"
    assert {"instruction": question, "input": "", "output": "B", "system": ""} in rows
    assert "A, C, D" in {row["output"] for row in rows}
    assert {line["questionType"] for line in beside} == {
        *("open_ended", "short_answer", "single_choice", "multiple_choice", "true_false"),
    }


def one(row: object, **options: object) -> Item:
    given = {"format": Format.ALPACA, "reasoning": True, "system": ""} | options
    return item(row, "row 1", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": "Q", "answer": ""}, "its answer is empty"),
        ({"question": "Q", "answer": " \n"}, "its answer is empty"),
        ({"question": "", "answer": "A"}, "its question is empty"),
        ({"question": "Q", "answer": None}, "its answer is empty"),
        ({"question": "Q", "answer": 3}, "its answer is no text"),
        ({"question": "Q", "answer": "\ud83d"}, "a text in it is no valid Unicode"),
        ({"messages": []}, "it has no messages"),
        ({"messages": "[{"}, "its messages are no valid JSON"),
        ({"messages": [{"role": "user"}]}, "message 1 has no text"),
        ({"questionType": "short_answer", "question": "Q", "correctAnswer": ""}, "it has no correct answer"),
        ({"file_name": "alpaca.json"}, "it has 'file_name', and is in no shape that easy-dataset writes"),
        ([1], "it is no object"),
        (None, "it is no object"),
    ],
)
def test_a_row_that_cannot_be_taken_over_says_why(row: object, reason: str) -> None:
    found = one(row)
    assert (found.content, found.reason) == (None, reason)
    assert found.kept == (row if isinstance(row, dict) else {"row": row})


def test_turns_that_are_no_pair_are_messages_only() -> None:
    turns = [{"role": role, "content": role} for role in ("user", "assistant", "user", "assistant")]
    assert "take it as messages" in one({"messages": turns}).reason
    assert one({"messages": turns}, format=Format.MESSAGES).content == {"messages": turns}
    backwards = [{"role": "assistant", "content": "A"}, {"role": "user", "content": "Q"}]
    assert "the roles must go user, assistant" in one({"messages": backwards}, format=Format.MESSAGES).reason


@pytest.mark.parametrize(
    ("reasoning", "said"), [(True, "its other reasoning is kept in the provenance only"), (False, "though reasoning is left out")]
)
def test_an_answer_that_holds_think_already_is_not_touched(reasoning: bool, said: str) -> None:
    row = {"question": "Q", "answer": "<think>old</think>\nA", "cot": "new"}
    found = one(row, reasoning=reasoning)
    assert found.content is not None
    assert found.content["output"] == row["answer"]
    assert said in found.remark
    assert found.kept == {"cot": "new"}
    thinking = {
        "messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": row["answer"], "thinking": "new"}]
    }
    assert bool(one(thinking, reasoning=True).remark)


@pytest.mark.parametrize(
    ("stored", "meant"), [("", []), ('["manual"]', ["manual"]), ("a,b", ["a", "b"]), ("[]", []), ("[", ["["]), (None, [])]
)
def test_tags_in_each_of_their_spellings(stored: object, meant: list[str]) -> None:
    assert tags(stored) == meant


GOOD = '{"instruction": "Q%d", "output": "A"}'


@pytest.mark.parametrize(
    ("text", "good", "reasons"),
    [
        (f"{GOOD % 1}\n{{broken\n{GOOD % 2}\n", 2, ["it is no valid JSON, too long, or cut off"]),
        (f'{GOOD % 1}\n{{\n  "instruction": "Q2",\n  "output"', 1, ["it is no valid JSON, too long, or cut off"]),
        (f"\ufeff{GOOD % 1}{GOOD % 2}", 2, []),
        (f"[{GOOD % 1}, {GOOD % 2}", 2, ["the array isn't closed; the file is cut short"]),
        ("instruction,input,output\nQ1,,A\nQ2,A\n", 1, ["it has 2 columns, the first line 3"]),
        ('instruction,output\nQ1,A\nQ2,"A\n', 1, ["it is no valid CSV (unexpected end of data); nothing after it can be read"]),
        ("a,b\n1,2\n", 0, ["the file is neither JSON nor a CSV of easy-dataset: its first line names no columns of it"]),
        ("<!DOCTYPE html>", 0, ["the file is neither JSON nor a CSV of easy-dataset: its first line names no columns of it"]),
    ],
)
def test_a_broken_file_gives_what_it_holds_and_lists_the_rest(tmp_path: Path, text: str, good: int, reasons: list[str]) -> None:
    file = tmp_path / "export"
    file.write_text(text, encoding="utf-8")
    tally, _, beside = taken(file, tmp_path)
    assert (tally.taken, [note.reason for note in tally.left_out]) == (good, reasons)
    assert len(beside) == tally.total == good + len(reasons)


def test_bytes_that_are_no_text_are_left_out_and_still_listed(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(b"instruction,output\nQ\xff,A\nQ2,A2\n")
    tally, rows, beside = taken(file, tmp_path)
    assert (tally.taken, tally.left_out[0].reason) == (1, "a text in it is no valid Unicode")
    assert [line["line"] for line in beside] == [None, 1]
    assert rows[0]["instruction"] == "Q2"
