"""Nothing acknowledged is lost while nats-server, workers and the supervisor are killed at random."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from itertools import cycle, islice
from pathlib import Path

import pytest

from gojinn.testing.faults import Acknowledged, Program, Site, drained, lost_keys, producing

from .report import Tally, publish

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

VICTIMS = ("nats-server", "worker", "supervisor")


async def crash(site: Site, cycles: int, seed: int, *, jobs: int = 100, keys: int = 60) -> Tally:
    """Kills processes at random moments while three producers and three workers are at work."""
    chance = random.Random(seed)
    victims = list(islice(cycle(VICTIMS), cycles))
    chance.shuffle(victims)
    acknowledged, program = Acknowledged(), Program(site)
    await program.start()
    try:
        async with producing(site, acknowledged, jobs=jobs, keys=keys):
            for victim in victims:
                await asyncio.sleep(chance.uniform(0.2, 1.2))
                await program.kill(victim)
            await asyncio.sleep(1)
        await drained(site)
        lost = await lost_keys(site, acknowledged)
    finally:
        await program.stop()
    runs = site.runs()
    return Tally(
        kills=dict(program.kills),
        jobs=len(acknowledged.jobs),
        writes=acknowledged.writes,
        unknown=acknowledged.unknown,
        lost_jobs=len(acknowledged.jobs - runs.keys()),
        lost_keys=len(lost),
        again=sum(runs.values()) - len(runs),
        strangers=len(runs.keys() - acknowledged.jobs),
    )


def check(tally: Tally) -> None:
    """Fails for anything lost, and for a job that nobody has sent."""
    assert tally.jobs > 0
    assert tally.writes > 0
    assert (tally.lost_jobs, tally.lost_keys, tally.strangers) == (0, 0, 0)


@pytest.mark.timeout(300)
async def test_a_dozen_crashes_lose_nothing(site: Site) -> None:
    tally = await crash(site, 9, seed=7)
    check(tally)
    assert set(tally.kills) == set(VICTIMS)


@pytest.mark.soak
@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_two_hundred_crashes_lose_nothing(site: Site, tmp_path: Path) -> None:
    total = Tally()
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        tally = await crash(
            dataclasses.replace(site, folder=folder), 40, seed=20261124 + number, jobs=300, keys=150
        )
        check(tally)
        total = total.with_another(tally)
        empty(site.ledger)
        publish("crashes", total)
    assert min(total.kills.values()) >= 20


def empty(folder: Path) -> None:
    """Removes the files of a folder."""
    for path in folder.iterdir():
        path.unlink()
