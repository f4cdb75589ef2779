from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import EngineFailed, NotFound
from tunesmith.domain.home import Home
from tunesmith.runtimes.endless import free_port
from tunesmith.serving.bases import served_from_only
from tunesmith.serving.engine import Engine, NotReady, Policy
from tunesmith.serving.supervisor import Supervisor

from .conftest import Serving, add_base, make_release


async def until(true: Callable[[], bool]) -> None:
    """Waits for something that other coroutines bring about."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110, what is waited for has no event
            await asyncio.sleep(0.005)


async def looked_at(serving: Serving, times: int) -> None:
    """Until engines have been looked at so often: one look each `poll` seconds of the policy at most."""
    upto = serving.place.looks + times
    await until(lambda: serving.place.looks >= upto)


async def engine_of(serving: Serving, name: str) -> Engine:
    return serving.supervisor.engine(await serving.supervisor.route(name))


async def test_nothing_runs_until_it_is_asked_for(serving: Serving) -> None:
    await serving.supervisor.routes()
    assert serving.place.processes == {}
    await asyncio.gather(*(serving.supervisor.ensure_ready("facts") for _ in range(20)))
    assert len(serving.place.processes) == 1


async def test_spec_says_all_that_another_orchestrator_needs(serving: Serving) -> None:
    await serving.supervisor.ensure_ready("facts")
    (folder,) = serving.place.processes
    spec = json.loads((folder / "spec.json").read_text())
    assert folder.parent.parent == serving.home.services
    assert spec["argv"][:2] == ["fake", "llama-server"]
    assert str(spec["port"]) in spec["argv"]
    assert spec["fingerprint"] == (await engine_of(serving, "facts")).instance.fingerprint


async def test_killed_engine_is_started_anew(serving: Serving) -> None:
    await serving.supervisor.ensure_ready("facts")
    serving.place.alive[0].end(137)
    engine = await engine_of(serving, "facts")
    await until(lambda: engine.restarts == 1)
    await serving.supervisor.ensure_ready("facts")
    assert (len(serving.place.processes), len(serving.place.alive)) == (2, 1)


async def test_engine_that_keeps_dying_is_given_up_with_its_last_words(serving: Serving) -> None:
    serving.place.dies = 99
    with pytest.raises(EngineFailed, match="no such model"):
        await serving.supervisor.ensure_ready("facts")
    assert len(serving.place.processes) == 3
    with pytest.raises(EngineFailed):
        await serving.supervisor.ensure_ready("facts")
    assert len(serving.place.processes) == 3, "a request must not start a given-up engine again"


async def test_given_up_engine_starts_when_it_is_told_to_or_released_anew(serving: Serving) -> None:
    for again in ("start", "release"):
        serving.place.dies = 3
        with pytest.raises(EngineFailed):
            await serving.supervisor.ensure_ready("facts")
        if again == "start":
            await serving.supervisor.wake("facts")
        else:
            serving.files.switch(make_release("facts", 2))
        await serving.supervisor.ensure_ready("facts")
        await serving.supervisor.stop("facts")


async def test_two_deaths_are_survived(serving: Serving) -> None:
    serving.place.dies = 2
    await serving.supervisor.ensure_ready("facts")
    assert (await engine_of(serving, "facts")).restarts == 2


def test_pause_grows_up_to_half_a_minute_then_it_is_given_up() -> None:
    assert [Policy().delay(failures) for failures in range(1, 6)] == [1, 2, 4, 8, None]
    assert Policy(quick_failures=99).delay(50) == 30


async def test_engine_that_mixes_its_models_fails_and_is_ended(serving: Serving) -> None:
    serving.place.mixes = True
    with pytest.raises(EngineFailed, match=r"'base' \(78%\) before a tuned model and 'tuned' \(78%\) after"):
        await serving.supervisor.ensure_ready("facts")
    await until(lambda: not serving.place.alive)


async def test_hung_engine_is_ended_and_started_anew(serving: Serving) -> None:
    await serving.supervisor.ensure_ready("facts")
    (process,) = serving.place.alive
    assert process.server is not None
    process.server.close()  # its port is shut, its process goes on
    for writer in process.open:
        writer.transport.abort()
    await until(lambda: process.exit_code == 143)
    await serving.supervisor.ensure_ready("facts")


async def test_idle_engine_gives_its_memory_back_and_comes_back(serving: Serving) -> None:
    serving.supervisor.policy = dataclasses.replace(serving.policy, idle=0.05)
    serving.files.switch(make_release("merged", merged="big"))  # an engine made under the new policy
    async with serving.supervisor.lease("merged"):
        await looked_at(serving, 20)
        assert len(serving.place.alive) == 1, "an engine at work isn't idle"
    await until(lambda: not serving.place.alive)
    assert (await engine_of(serving, "merged")).state is ServingState.STOPPED
    await serving.supervisor.ensure_ready("merged")


async def test_release_switch_waits_for_answers_and_holds_new_requests(serving: Serving) -> None:
    async with serving.supervisor.lease("facts") as old:
        serving.files.switch(make_release("facts", 2))
        waiting = asyncio.create_task(serving.supervisor.ensure_ready("facts"))
        await looked_at(serving, 10)
        assert not waiting.done()
        assert len(serving.place.processes) == 1, "the answer in flight keeps its engine"
    await waiting
    async with serving.supervisor.lease("facts") as new:
        assert (old.route.served.versioned, new.route.served.versioned) == ("facts@1", "facts@2")
        assert "facts-2.gguf" in " ".join(new.attempt.spec.argv)
    assert len(serving.place.alive) == 1
    with pytest.raises(NotFound, match="facts@2"):
        await serving.supervisor.ensure_ready("facts@1")


async def test_patience_ends(serving: Serving) -> None:
    async with serving.supervisor.lease("facts") as lease:
        lease.engine.policy = dataclasses.replace(serving.policy, patience=0.05)
        serving.files.switch(make_release("facts", 2))
        with pytest.raises(NotReady) as caught:
            await serving.supervisor.ensure_ready("facts")
    assert caught.value.status == 503


async def test_next_orchestrator_takes_over_what_runs(serving: Serving) -> None:
    await serving.supervisor.ensure_ready("facts")
    await serving.supervisor.close()
    assert len(serving.place.alive) == 1
    following = serving.again()
    await following.supervisor.start()
    await following.supervisor.ensure_ready("facts")
    assert len(serving.place.processes) == 1
    await following.supervisor.close()


async def test_next_orchestrator_replaces_what_is_outdated_and_ends_what_nobody_needs(serving: Serving) -> None:
    serving.files.switch(make_release("merged", merged="big"))
    for name in ("facts", "merged"):
        await serving.supervisor.ensure_ready(name)
    await serving.supervisor.close()
    del serving.files.by_name["merged"]
    serving.files.switch(make_release("facts", 2))
    following = serving.again()
    await following.supervisor.start()
    await until(lambda: sum("facts-2" in " ".join(p.argv) for p in serving.place.alive) == 1)
    assert len(serving.place.alive) == 1
    await following.supervisor.close()


async def test_stop_all_ends_engines_that_nobody_took_over(serving: Serving) -> None:
    await serving.supervisor.ensure_ready("facts")
    await serving.supervisor.close()
    await serving.again().supervisor.stop_all()
    assert not serving.place.alive


async def test_stop_breaks_off_requests_that_wait_and_the_next_one_starts_it(serving: Serving) -> None:
    serving.place.dies = 2
    engine = await engine_of(serving, "facts")
    engine.policy = dataclasses.replace(serving.policy, backoff=(60,))
    waiting = asyncio.create_task(serving.supervisor.ensure_ready("facts"))
    await until(lambda: engine.restarts == 1)
    await serving.supervisor.stop("facts")
    with pytest.raises(NotReady):
        await waiting
    assert engine.state is ServingState.STOPPED
    serving.place.dies = 0
    await serving.supervisor.ensure_ready("facts")


async def test_memory_is_freed_only_where_it_is_shared_and_nothing_is_answered(serving: Serving) -> None:
    await serving.supervisor.ensure_ready("facts")
    assert await serving.supervisor.free_memory() == []
    serving.supervisor.policy = dataclasses.replace(serving.policy, frees_memory=True)
    async with serving.supervisor.lease("facts"):
        assert await serving.supervisor.free_memory() == []
    key = (await engine_of(serving, "facts")).instance.key
    assert await serving.supervisor.free_memory() == [key]
    assert not serving.place.alive


async def test_a_base_imported_while_we_run_is_served(serving: Serving) -> None:
    with pytest.raises(NotFound):
        await serving.supervisor.route("other")
    add_base(serving.home, "other")
    await serving.supervisor.ensure_ready("other")


async def test_port_taken_by_another_program_is_never_used(serving: Serving) -> None:
    taken = free_port()
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", taken)
    assert all(free_port() != taken for _ in range(200))
    server.close()
    with contextlib.suppress(OSError):
        await server.wait_closed()


async def test_every_change_of_an_engine_and_of_what_is_served_is_told(serving: Serving) -> None:
    told: list[str] = []

    def tell() -> None:
        told.append(supervisor.engine(route).state if told else "served")

    supervisor = Supervisor(serving.home, serving.place, serving.files, serving.client, serving.policy, tell=tell)
    route = await supervisor.route("facts")
    assert told == ["served"]
    async with supervisor.lease("facts"):
        assert told[1:] == [ServingState.STARTING, ServingState.READY]
    await supervisor.stop_all()
    assert told[-1] is ServingState.STOPPED


async def test_settling_ends_the_engine_of_a_name_that_is_gone(serving: Serving) -> None:
    await serving.supervisor.ensure_ready("facts")
    del serving.files.by_name["facts"]
    (serving.home.models / "gguf" / "smol-f16.gguf").unlink()
    await serving.supervisor.settle()
    assert serving.place.alive == []
    with pytest.raises(NotFound):
        await serving.supervisor.route("facts")


def test_a_base_stops_with_the_last_file_that_it_is_served_from(tmp_path: Path) -> None:
    home = Home(tmp_path)
    add_base(home, "smol")
    assert served_from_only(home, "models/gguf/smol-f16.gguf") == ["smol"]
    assert served_from_only(home, "models/gguf/other.gguf") == []
    add_base(home, "smol", file="smol-q8_0")
    assert served_from_only(home, "models/gguf/smol-f16.gguf") == []
