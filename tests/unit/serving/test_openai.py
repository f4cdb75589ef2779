from __future__ import annotations

import json

import pytest

from tunesmith.domain.errors import EngineFailed, InvalidInput, NotFound
from tunesmith.serving.instances import Base, desired, find
from tunesmith.serving.openai import MAX_BODY, Path, TooLarge, checked, error_body, error_status, for_engine

from .conftest import make_release

CHAT: Path = "/v1/chat/completions"
TEXT: Path = "/v1/completions"
HI = [{"role": "user", "content": "hi"}]
INSTANCES = desired([make_release("facts", system="Be brief."), make_release("brief")], [Base("smol", "m.gguf", "1")])


def sent(path: Path, model: str, **body: object) -> dict[str, object]:
    request = checked(path, json.dumps({"model": model, **body}).encode())
    return dict(json.loads(for_engine(request, find(INSTANCES, model))))


def test_everything_a_client_sets_reaches_the_engine_untouched() -> None:
    settings = {
        "temperature": 0.1, "top_p": 0.9, "min_p": 0.05, "repeat_penalty": 1.1, "seed": 2**53 + 1, "stop": ["\n"],
        "tools": [{"type": "function", "function": {"name": "f"}}], "stream": True,
        "stream_options": {"include_usage": True}, "unheard_of": {"ünï": "😀"},
    }  # fmt: skip
    got = sent(CHAT, "brief", messages=HI, **settings)
    assert got == {"model": "brief", "messages": HI, **settings, "lora": [{"id": 0, "scale": 1.0}, {"id": 1, "scale": 0.0}]}


def test_the_base_beside_adapters_switches_them_all_off() -> None:
    assert sent(TEXT, "facts", prompt="x")["lora"] == [{"id": 0, "scale": 0.0}, {"id": 1, "scale": 1.0}]
    assert "lora" not in sent(CHAT, "smol", messages=HI)  # its GGUF is another file, without adapters


def test_system_message_of_the_release_is_added_unless_the_chat_has_one() -> None:
    assert sent(CHAT, "facts", messages=HI)["messages"] == [{"role": "system", "content": "Be brief."}, *HI]
    for role in ("system", "developer"):
        own = [{"role": role, "content": "Be long."}, *HI]
        assert sent(CHAT, "facts", messages=own)["messages"] == own


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        (CHAT, b"{", "isn't JSON"),
        (CHAT, b"\xff\xfe", "isn't JSON"),
        (CHAT, b"[" * 200_000, "isn't JSON"),
        (CHAT, b'{"model": "m", "messages": [{"role": "user"}], "temperature": NaN}', "NaN"),
        (CHAT, b"[]", "JSON object"),
        (CHAT, b'{"messages": [{"role": "user", "content": "hi"}]}', "`model`"),
        (CHAT, b'{"model": 3, "messages": [{"role": "user", "content": "hi"}]}', "`model`"),
        (CHAT, b'{"model": "m"}', "`messages`"),
        (CHAT, b'{"model": "m", "messages": []}', "`messages`"),
        (CHAT, b'{"model": "m", "messages": "hi"}', "`messages`"),
        (CHAT, b'{"model": "m", "messages": [{"role": "user"}, 3]}', r"`messages\[1\]`"),
        (CHAT, b'{"model": "m", "messages": [{"content": "hi"}]}', r"`messages\[0\]`"),
        (CHAT, b'{"model": "m", "messages": [{"role": "user"}], "lora": []}', "`lora`"),
        (TEXT, b'{"model": "m", "prompt": ""}', "`prompt`"),
        (TEXT, b'{"model": "m", "messages": [{"role": "user"}]}', "`prompt`"),
    ],
)
def test_bad_requests_are_refused_with_the_field(path: Path, body: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        checked(path, body)
    assert error_status(caught.value) == 400


def test_huge_requests_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(TooLarge) as caught:
        checked(CHAT, b"x" * (MAX_BODY + 1))
    assert error_status(caught.value) == 413


def test_errors_have_openais_form() -> None:
    assert error_body(NotFound("No model")) == {
        "error": {"message": "No model.", "type": "invalid_request_error", "param": "model", "code": "model_not_found"}
    }
    assert error_body(EngineFailed("Gone")) == {
        "error": {"message": "Gone.", "type": "server_error", "param": None, "code": "engine_failed"}
    }
