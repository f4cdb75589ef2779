"""Many jobs in both lanes go on while the orchestrator is killed at random moments, often before it has quite begun."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from counted import Counted, check_models, check_one_at_a_time
from orchestra import Life

from tunesmith.domain.step import Lane

KILLS = 200
HOMES = 4
"""Each with its own orchestrator and its share of the kills. They mostly wait."""
ACTIVE = 6
"""Jobs that go on at once in a home."""
LONGEST_LIFE = 1.2
MOST_NEWS = 12


def a_job(home: Path, number: int, dice: random.Random) -> Counted:
    steps = dice.randint(2, 4)
    return Counted(
        home,
        f"job-{number:04d}",
        makes=tuple(dice.choice(("", "", "file", "folder")) for _ in range(steps)),
        seconds=tuple(dice.uniform(0.05, 0.5) for _ in range(steps)),
        lane=(Lane.ACCELERATOR, Lane.LIGHT)[number % 2],
        lines=dice.randint(0, 5),
    )


def reign(home: Path, seed: int) -> list[Counted]:
    """Orchestrators one after the other until the last finishes everything; returns the jobs that were submitted."""
    dice, jobs = random.Random(seed), list[Counted]()
    ended: set[str] = set()
    for _ in range(KILLS // HOMES):
        short = ACTIVE - sum(1 for job in jobs if job.id not in ended and job.accepted)
        new = [a_job(home, len(jobs) + index, dice) for index in range(short)]
        jobs += new
        life = Life(home, tuple(job.ask() for job in new))
        go_on(life, [job for job in jobs if job in new or job.accepted], dice)
        life.kill()
        assert not life.refusal
        ended |= {record.id for record in life.records.values() if record.state.final}
        for job in jobs[-2 * ACTIVE :]:
            job.check_visible()
    life = Life(home).opened()
    life.finish(job.id for job in jobs if job.accepted)
    assert {record.id for record in life.all()} == {job.id for job in jobs if job.accepted}
    for job in jobs:
        if job.accepted:
            job.check_succeeded(life.records[job.id])
        else:
            job.check_never_was()
    life.kill()
    return jobs


def go_on(life: Life, jobs: list[Counted], dice: random.Random) -> None:
    """For a random time, or until a random piece of news.

    A time is often over before an orchestrator has quite begun, always so on a machine that is busy enough; with news it gets on.
    """
    seconds, news = dice.uniform(0.0, LONGEST_LIFE), dice.randint(1, MOST_NEWS)
    if dice.random() < 0.5:
        life.listen(seconds)
    else:
        life.until(lambda: life.news >= news or all(life.has_ended(job.id) for job in jobs), f"{news} pieces of news")


@pytest.mark.timeout(600)
def test_killed_at_random_moments(tmp_path: Path) -> None:
    seed = int(os.environ.get("DURABILITY_SEED", random.randrange(10**6)))
    print(f"\nseed {seed} (set DURABILITY_SEED to have it again)")
    began = time.monotonic()
    with ThreadPoolExecutor(HOMES) as threads:
        homes = [tmp_path / f"home-{index}" for index in range(HOMES)]
        reigns = list(threads.map(reign, homes, range(seed, seed + HOMES)))
    finished = lost = alone = 0
    for home, jobs in zip(homes, reigns, strict=True):
        accepted = [job for job in jobs if job.accepted]
        check_models(home, accepted)
        alone += check_one_at_a_time(accepted)
        finished, lost = finished + len(accepted), lost + len(jobs) - len(accepted)
    took = time.monotonic() - began
    print(f"{KILLS} kills in {took:.0f} s: {finished} jobs finished, {lost} never accepted, {alone} steps alone in their lane")
    assert finished > 20 and alone > 20
