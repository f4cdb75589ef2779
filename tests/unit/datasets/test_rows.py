"""Every line is recognised or refused with its reason, whatever the bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.datasets import reading
from tunesmith.datasets.reading import Raw, read_rows
from tunesmith.datasets.rows import Bad, Row, recognise
from tunesmith.datasets.survey import survey, write_rows
from tunesmith.domain.dataset import Format

ALPACA = '{"instruction": "Hi", "output": "Hello"}'
MESSAGES = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}'


def messages(*roles: str) -> str:
    return json.dumps({"messages": [{"role": role, "content": "x"} for role in roles]})


def reason(text: str | bytes) -> str:
    found = recognise(Raw(1, text if isinstance(text, bytes) else text.encode()))
    assert isinstance(found, Bad), found
    return found.reason


@pytest.mark.parametrize(
    ("text", "kind", "content"),
    [
        (MESSAGES, Format.MESSAGES, json.loads(MESSAGES)),
        (ALPACA, Format.ALPACA, {"instruction": "Hi", "input": "", "output": "Hello", "system": ""}),
        (
            '{"prompt": "a ", "completion": " b", "system": null}',
            Format.PROMPT_COMPLETION,
            {"prompt": "a ", "completion": " b", "system": ""},
        ),
    ],
)
def test_each_format_has_one_written_form(text: str, kind: Format, content: dict[str, object]) -> None:
    row = recognise(Raw(1, text.encode()))
    assert isinstance(row, Row)
    assert (row.format, row.content, row.extra) == (kind, content, {})


def test_a_system_field_becomes_the_first_message() -> None:
    row = recognise(
        Raw(1, b'{"system": "Be brief.", "messages": [{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}')
    )
    assert isinstance(row, Row)
    assert row.content["messages"][0] == {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{not json", "no valid JSON"),
        ('{"prompt": "a', "(Unterminated string starting at column 12)"),
        ("[1]", "a list, not an object"),
        ('"text"', "text, not an object"),
        ("{}", "no fields"),
        ('{"question": "a", "answer": "b"}', "'answer', 'question'"),
        ('{"instruction": "a"}', "no output"),
        ('{"output": "a"}', "no instruction"),
        ('{"instruction": "a", "output": " "}', "output is empty"),
        ('{"instruction": "a", "output": 3}', "output is a number, not text"),
        ('{"instruction": "a", "output": null}', "output is null"),
        ('{"instruction": "a", "output": "b", "history": [["a", "b"]]}', "history"),
        ('{"prompt": ["a"], "completion": "b"}', "prompt is a list"),
        ('{"prompt": "a", "prompt": "b", "completion": "c"}', "'prompt' is there twice"),
        ('{"prompt": "a", "completion": NaN}', "NaN is no JSON"),
        ('{"prompt": "a", "completion": "\\ud83d"}', "surrogate"),
        ('{"messages": []}', "messages is empty"),
        ('{"messages": ["a"]}', "message 1 is text"),
        ('{"messages": [{"content": "a"}]}', "message 1 has no role"),
        ('{"messages": [{"role": "user", "content": ["a"]}]}', "a list, not text"),
        ('{"messages": [{"role": "bot", "content": "a"}]}', "the role 'bot'"),
        (
            '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": ""}]}',
            "message 2 (assistant) is empty",
        ),
        ('{"messages": [{"role": "assistant", "content": "a", "tool_calls": [1]}]}', "calls a tool"),
        (messages("user"), "last message must be the assistant's"),
        (messages("system"), "last message must be the assistant's"),
        (messages("user", "user", "assistant"), "user → user → assistant"),
        (messages("assistant", "user"), "roles must go"),
        (messages("user", "assistant", "system", "user", "assistant"), "system message must come first"),
        (b'{"prompt": "\xff", "completion": "b"}', "byte 13 of the line is no valid UTF-8"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(text: str | bytes, why: str) -> None:
    assert why in reason(text)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_recognising_never_raises_on_any_bytes(text: bytes) -> None:
    assert isinstance(recognise(Raw(1, text)), Row | Bad)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["messages", "role", "content", "prompt", "completion", "instruction", "output", "system"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(_JSON)
def test_recognising_never_raises_on_any_json_and_good_rows_can_be_written(content: object) -> None:
    found = recognise(Raw(1, json.dumps(content).encode()))
    if isinstance(found, Row):
        again = recognise(Raw(1, json.dumps(found.content, ensure_ascii=False).encode()))
        assert isinstance(again, Row)
        assert again.content == found.content


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"[", b"\xef\xbb\xbf", b"\n\n["]))
def test_reading_any_file_ends_and_counts_lines_upward(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes
) -> None:
    file = tmp_path_factory.mktemp("any") / "rows"
    file.write_bytes(start + content)
    lines = [raw.line for raw in read_rows(file)]
    assert lines == sorted(lines)
    survey(file)


@settings(deadline=None)
@given(st.lists(_JSON, max_size=5), st.sampled_from([None, 1]), st.integers(0, 3))
def test_an_array_is_read_as_its_elements(
    tmp_path_factory: pytest.TempPathFactory, elements: list[object], indent: int | None, tail: int
) -> None:
    file = tmp_path_factory.mktemp("array") / "rows.json"
    file.write_text(json.dumps(elements, indent=indent, ensure_ascii=True) + "\n" * tail)
    raws = list(read_rows(file))
    assert [raw.why for raw in raws] == [None] * len(elements)
    assert json.dumps([json.loads(raw.text) for raw in raws]) == json.dumps(elements)


def test_lines_are_numbered_from_one_and_blank_ones_are_no_rows(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + f"{ALPACA}\r\n\r\n \n{ALPACA}".encode())
    assert [raw.line for raw in read_rows(file)] == [1, 4]
    assert survey(file).rows == 2


def test_a_huge_line_is_passed_over_and_the_next_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_ROW", 1 << 10)
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"prompt": "a" * 5000, "completion": "b"}) + "\n" + ALPACA + "\n")
    found = survey(file)
    assert (found.rows, found.bad_count, found.bad[0].line) == (1, 1, 1)


@pytest.mark.parametrize(
    ("tail", "why"),
    [
        ("]more", "follows the end"),
        ("", "isn't closed"),
        (", {", "no valid JSON"),
        (" {}", "comma is missing"),
        (", {]", "no valid JSON"),
    ],
)
def test_a_broken_array_is_told_with_its_line(tmp_path: Path, tail: str, why: str) -> None:
    file = tmp_path / "rows.json"
    file.write_text(f"[\n{ALPACA},\n{ALPACA}\n{tail}")
    found = survey(file)
    assert found.rows == 2
    assert why in found.bad[0].reason
    assert found.bad[0].line == 4


def test_elements_larger_than_a_chunk_are_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    rows = [{"prompt": "é" * 900_000, "completion": str(number)} for number in range(3)]
    file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    assert [json.loads(raw.text)["completion"] for raw in read_rows(file)] == ["0", "1", "2"]


def test_rows_of_another_format_than_most_are_bad(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join([MESSAGES, ALPACA, MESSAGES, "{"]))
    found = survey(file)
    assert (found.format, found.rows, found.bad_count) == (Format.MESSAGES, 2, 2)
    assert [bad.line for bad in found.bad] == [2, 4]
    assert "format alpaca" in found.bad[0].reason


def test_a_hundred_bad_lines_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(["{"] * 250 + [ALPACA]))
    found = survey(file)
    assert (len(found.bad), found.bad_count) == (100, 250)


def test_written_rows_all_have_the_same_columns_and_keep_other_fields(tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text(f'{ALPACA}\n{{"instruction": "a", "input": "b", "output": "c", "page": 3}}\n')
    size, _ = write_rows(source, tmp_path / "out.jsonl", survey(source))
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {tuple(row) for row in rows} == {("instruction", "input", "output", "system", "meta")}
    assert json.loads(rows[1]["meta"]) == {"page": 3}
    assert (tmp_path / "out.jsonl").stat().st_size == size
    write_rows(tmp_path / "out.jsonl", tmp_path / "again.jsonl", survey(tmp_path / "out.jsonl"))
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()
