from __future__ import annotations

import os
from pathlib import Path

import pytest

from tunesmith.domain.errors import InvalidInput, NotFound
from tunesmith.domain.home import Home
from tunesmith.serving.bases import bases
from tunesmith.serving.instances import Base, desired, find
from tunesmith.steps.serve import serve_args

from .conftest import add_base, make_release

SMOL = Base("smol", "models/gguf/smol-f16.gguf", "1-1")


def test_base_and_adapters_of_one_template_share_an_instance() -> None:
    (instance,) = desired([make_release("facts"), make_release("brief")], [SMOL])
    assert instance.model == "models/gguf/smol-f16.gguf"
    assert instance.adapters == ("models/adapters/brief-1.gguf", "models/adapters/facts-1.gguf")
    assert {s.name: s.adapter for s in instance.served} == {"smol": None, "brief": 0, "facts": 1}


def test_another_template_is_another_instance_on_the_same_file() -> None:
    instances = desired([make_release("facts", template="t1"), make_release("brief", template="t1")], [SMOL])
    assert [(i.model, bool(i.template), [s.name for s in i.served]) for i in instances] == [
        ("models/gguf/smol-f16.gguf", False, ["smol"]),
        ("models/gguf/smol-f16.gguf", True, ["brief", "facts"]),
    ]
    assert instances[0].key != instances[1].key


def test_a_merged_model_is_its_own_instance() -> None:
    instances = desired([make_release("facts"), make_release("big", merged="big-q8_0")], [])
    assert [(i.model, i.adapters, [s.adapter for s in i.served]) for i in instances] == [
        ("models/gguf/big-q8_0.gguf", (), [None]),
        ("models/gguf/smol-f16.gguf", ("models/adapters/facts-1.gguf",), [0]),
    ]


def test_a_release_of_a_bases_name_takes_it() -> None:
    route = find(desired([make_release("smol")], [SMOL]), "smol")
    assert (route.served.release, route.served.adapter) == (1, 0)


def test_every_adapter_is_named_with_its_scale() -> None:
    instances = desired([make_release("facts"), make_release("brief")], [SMOL])
    assert find(instances, "smol").lora == [{"id": 0, "scale": 0.0}, {"id": 1, "scale": 0.0}]
    assert find(instances, "facts").lora == [{"id": 0, "scale": 0.0}, {"id": 1, "scale": 1.0}]
    assert find(instances, "brief@1").lora == [{"id": 0, "scale": 1.0}, {"id": 1, "scale": 0.0}]


def test_key_stays_and_fingerprint_changes_with_a_new_release() -> None:
    (before,) = desired([make_release("facts", 1)], [SMOL])
    (after,) = desired([make_release("facts", 2)], [SMOL])
    assert before.key == after.key
    assert before.fingerprint != after.fingerprint


def test_system_message_and_order_of_reading_change_no_process() -> None:
    (before,) = desired([make_release("a"), make_release("b")], [SMOL])
    (after,) = desired([make_release("b"), make_release("a", system="Be kind.")], [SMOL])
    assert before.fingerprint == after.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        desired([make_release("facts")], [Base("smol", SMOL.model, "2-2")])[0],
        desired([make_release("facts")], [SMOL], shape="wider")[0],
    ],
)
def test_a_changed_file_or_shape_is_another_make(other: object) -> None:
    (instance,) = desired([make_release("facts")], [SMOL])
    assert instance.fingerprint != getattr(other, "fingerprint", None)


@pytest.mark.parametrize(
    ("model", "words"),
    [("fact", "'facts'"), ("facts@7", "facts@1"), ("zzzzzz", "GET /v1/models"), ("x" * 5000, "GET /v1/models")],
)
def test_unknown_names_are_told_what_there_is(model: str, words: str) -> None:
    with pytest.raises(NotFound) as caught:
        find(desired([make_release("facts")], [SMOL]), model)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


def test_release_without_a_model_names_its_file() -> None:
    release = make_release("facts").model_copy(update={"pieces": []})
    with pytest.raises(InvalidInput, match=r"models/served/facts/1\.json"):
        desired([release], [])


def test_llama_server_is_started_with_every_adapter_at_scale_0() -> None:
    argv = serve_args("m.gguf", ["a.gguf", "b.gguf"], "t.jinja", ctx=4096, parallel=2, threads=3, port=1234, alias="key")
    assert argv == (
        *("-m", "m.gguf", "--host", "127.0.0.1", "--port", "1234", "-c", "8192", "-np", "2", "-t", "3"),
        *("--lora-scaled", "a.gguf:0", "--lora-scaled", "b.gguf:0", "--cache-ram", "0", "--no-warmup"),
        *("--chat-template-file", "t.jinja", "--jinja", "-a", "key"),
    )


def test_plain_model_keeps_llama_servers_own_cache() -> None:
    assert serve_args("m.gguf", ctx=512, parallel=1, port=1) == (
        *("-m", "m.gguf", "--host", "127.0.0.1", "--port", "1", "-c", "512", "-np", "1", "--jinja"),
    )


@pytest.mark.parametrize("path", ["/home/a:b/x.gguf", "/home/a,b/x.gguf"])
def test_adapter_path_that_llama_server_would_split_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="colons and commas"):
        serve_args("m.gguf", [path], ctx=1, parallel=1, port=1)


def test_bases_are_converted_base_models_only(tmp_path: Path) -> None:
    home = Home(tmp_path)
    add_base(home, "smol")
    add_base(home, "facts", parent="models/merged/facts")
    broken = add_base(home, "broken")
    broken.with_name(broken.name + ".tunesmith.json").write_text("{")
    (home.models / "gguf" / "half-f16.gguf").write_bytes(b"GGUF")
    assert [(base.name, base.model) for base in bases(home)] == [("smol", "models/gguf/smol-f16.gguf")]


def test_a_base_is_served_in_full_precision_and_the_newest_conversion_of_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for age, file in enumerate(("smol-new-q8_0", "smol-new-f16", "smol-old-f16")):
        model = add_base(home, "smol", file=file)
        os.utime(model, (1e9 - age, 1e9 - age))
    assert [(base.name, base.model) for base in bases(home)] == [("smol", "models/gguf/smol-new-f16.gguf")]


def test_no_models_folder_no_bases(tmp_path: Path) -> None:
    assert bases(Home(tmp_path)) == []
