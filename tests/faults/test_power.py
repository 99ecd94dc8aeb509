"""Nothing that was acknowledged is lost when the power goes: the data directory is on a disk that is cut."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import signal
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from gojinn.testing.disk import cut, mounted
from gojinn.testing.faults import Acknowledged, Program, Site, drained, lost_keys, producing

from .report import Tally, publish

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.usefixtures("loop_devices")]


async def outage(site: Site, folder: Path, chance: random.Random, rates: tuple[int, int]) -> Tally:
    """Cuts the power once under load; then starts on what the disk holds and has it finish."""
    with ExitStack() as stack:
        image, copy = folder / "disk.img", folder / "cut.img"
        disk = stack.enter_context(mounted(image, folder / "disk"))
        before = dataclasses.replace(site, data=disk / "data")
        acknowledged = await run_until_cut(before, image, copy, chance, rates)
    with mounted(copy, folder / "after") as disk:
        after = dataclasses.replace(site, data=disk / "data")
        program = Program(after)
        await program.start()
        try:
            lost = await lost_keys(after, acknowledged)
            await drained(after)
        finally:
            await program.stop()
    runs = site.runs()
    image.unlink()
    copy.unlink()
    return Tally(
        kills={"power": 1},
        jobs=len(acknowledged.jobs),
        writes=acknowledged.writes,
        unknown=acknowledged.unknown,
        lost_jobs=len(acknowledged.jobs - runs.keys()),
        lost_keys=len(lost),
        again=sum(runs[id] - 1 for id in acknowledged.jobs),
    )


async def run_until_cut(
    site: Site, image: Path, copy: Path, chance: random.Random, rates: tuple[int, int]
) -> Acknowledged:
    """Runs the program under load, stops everything in its tracks and copies the disk; returns what had been
    acknowledged by then."""
    acknowledged, program = Acknowledged(), Program(site)
    await program.start()
    try:
        with suppress(Cut):
            async with producing(site, acknowledged, jobs=rates[0], keys=rates[1]):
                await asyncio.sleep(chance.uniform(1.5, 3.0))
                program.freeze()
                known = dataclasses.replace(
                    acknowledged, jobs=set(acknowledged.jobs), keys=dict(acknowledged.keys)
                )
                cut(image, copy)
                raise Cut
    finally:
        assert program.app is not None
        program.app.process.send_signal(signal.SIGKILL)
        await program.stop()
    return known


class Cut(Exception):
    """The power is gone."""


def check(tally: Tally) -> None:
    """Fails for anything lost."""
    assert tally.jobs > 0
    assert tally.writes > 0
    assert (tally.lost_jobs, tally.lost_keys) == (0, 0)


@pytest.mark.timeout(300)
async def test_a_power_cut_loses_nothing(site: Site, tmp_path: Path) -> None:
    check(await outage(site, tmp_path, random.Random(7), (100, 60)))


@pytest.mark.soak
@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_twenty_power_cuts_lose_nothing(site: Site, tmp_path: Path) -> None:
    chance, total = random.Random(20261124), Tally(kills=Counter())
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        tally = await outage(site, folder, chance, (300, 150))
        check(tally)
        total = total.with_another(tally)
    publish("power", total)
