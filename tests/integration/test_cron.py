"""Schedules in a whole server: through restarts, by order, taken away."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from gojinn.testing.app import App, serve
from gojinn.testing.guests import guest
from gojinn.testing.records import ask, done

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

CRON = ":0 {{\n\tcron {schedule} {module} {{\n\t\tname {name}\n{more}\n\t}}\n}}\n"


def cron(schedule: str, name: str = "tick", more: str = "") -> str:
    """A site with one schedule whose function answers with its envelope."""
    return CRON.format(schedule=schedule, module=guest("envelope"), name=name, more=more)


async def test_a_run_gets_an_envelope_that_says_what_it_is_for(tmp_path: Path) -> None:
    async with serve(cron("@every 1s", more="\t\ttenant acme"), folder=tmp_path) as app:
        job = (await done(app, 1))[0]
    envelope = json.loads(job["body"])
    assert (envelope["method"], envelope["trigger"], envelope["tenant"]) == ("CRON", "cron", "acme")
    assert envelope["headers"]["Gojinn-Schedule"] == ["tick"]
    assert envelope["headers"]["Gojinn-Due"][0].endswith("Z")
    assert envelope["attempt"] == 1


async def test_fifty_schedules_run_once_each_second_through_three_restarts(tmp_path: Path) -> None:
    """`missed all`: what was due while nothing ran is made up for, so every second has its run."""
    lines = [f"cron @every 1s {guest('envelope')} {{\n name s{n}\n missed all\n}}" for n in range(50)]
    caddyfile = ":0 {\n" + "\n".join(lines) + "\n}\n"
    for total in (60, 120, 180):
        async with serve(caddyfile, folder=tmp_path, workers=2) as app:
            jobs = await done(app, total)
    dues: dict[str, Counter[str]] = {}
    for job in jobs:
        headers = json.loads(job["body"])["headers"]
        dues.setdefault(headers["Gojinn-Schedule"][0], Counter())[headers["Gojinn-Due"][0]] += 1
    assert len(dues) == 50
    assert {count for counted in dues.values() for count in counted.values()} == {1}


async def test_a_schedule_that_is_removed_is_cancelled(tmp_path: Path) -> None:
    async with serve(cron("@yearly"), folder=tmp_path) as app:
        assert [each["name"] for each in (await ask(app, "/_sys/cron"))["schedules"]] == ["tick"]
        await app.record("schedule added")
        await app.reload(cron("@yearly", name="other"))
        await app.record("schedule removed", schedule="tick")
        assert [each["name"] for each in (await ask(app, "/_sys/cron"))["schedules"]] == ["other"]


async def test_a_schedule_can_be_paused_resumed_and_run(tmp_path: Path) -> None:
    async with serve(cron("@yearly"), folder=tmp_path) as app:
        await app.record("schedule added")
        planned = (await ask(app, "/_sys/cron"))["schedules"][0]
        assert planned["next"] > 1.7e9
        await ask(app, "/_sys/cron/tick/pause", "POST")
        paused = (await ask(app, "/_sys/cron"))["schedules"][0]
        assert (paused["paused"], paused["next"]) == (True, None)
        started = await ask(app, "/_sys/cron/tick/run", "POST")
        assert [job["id"] for job in await done(app, 1)] == [started["job"]]
        assert (await ask(app, "/_sys/cron/tick/resume", "POST"))["next"] == planned["next"]


async def test_the_command_shows_and_orders(tmp_path: Path) -> None:
    async with serve(cron("@yearly"), folder=tmp_path) as app:
        await app.record("schedule added")
        listed = await command(app, "list")
        assert json.loads(listed.stdout)["schedules"][0]["schedule"] == "@yearly"
        assert json.loads((await command(app, "run", "tick")).stdout)["job"]
        assert json.loads((await command(app, "pause", "tick")).stdout)["paused"] is True
        unknown = await command(app, "pause", "tock")
        assert unknown.returncode == 1
        assert "no schedule 'tock'" in unknown.stderr
        assert "there are: tick" in unknown.stderr
        again = await command(app, "resume", "tick")
        assert again.returncode == 0
        assert (await command(app, "resume", "tick")).returncode == 1


async def command(app: App, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs `gojinn cron` against a server."""
    address = app.admin.removeprefix("http://")
    line = [sys.executable, "-m", "gojinn", "cron", *words, "--address", address]
    return await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True)
