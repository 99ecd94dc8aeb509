"""A disk that is full: what comes is refused with a reason, what was acknowledged stays, and when there is
room everything goes on without anybody's help."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gojinn.errors import Unavailable
from gojinn.fabric.connection import Fabric
from gojinn.fabric.streams import Stream, ensure
from gojinn.testing.app import App, serve
from gojinn.testing.disk import fill
from gojinn.testing.fabric import node
from gojinn.testing.guests import guest
from gojinn.testing.jobs import until
from gojinn.testing.records import ask, over

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

SECRET = b"correct horse"
REDELIVERED = 60.0
"""Seconds for a tick that was refused to come again, on a busy machine; 10 are usual."""


async def test_a_stream_that_could_not_be_written_works_again_when_there_is_room(small_disk: Path) -> None:
    """The worst case: somebody else fills the disk to the last byte while messages are being stored."""
    ballast = small_disk / "ballast"
    async with node(small_disk / "data") as (there, server), Fabric(there) as fabric:
        fabric.room.reserve = 0
        await ensure(fabric, Stream("kept", ("kept",)))
        acknowledged = (await fabric.publish("kept", b"first")).seq
        fill(ballast)
        with suppress(Unavailable):
            while True:
                acknowledged = (await fabric.publish("kept", bytes(1 << 16), timeout=1)).seq
        assert await count(fabric) == acknowledged
        again = asyncio.Event()
        server.restarted.append(lambda: set_event(again))
        ballast.unlink()
        async with asyncio.timeout(30):
            await again.wait()
        assert (await fabric.publish("kept", b"last")).seq == acknowledged + 1


async def count(fabric: Fabric) -> int:
    info = await fabric.api("STREAM.INFO.kept")
    return int(info["state"]["messages"])


async def set_event(event: asyncio.Event) -> None:
    event.set()


def site(data: Path) -> str:
    """One function behind each way in."""
    module = guest("envelope")
    return f"""\
{{
	gojinn {{
		data_dir {data}
	}}
}}
:0 {{
	gojinn /later {module}
	webhook /hook {module} {{
		secret "{SECRET.decode()}"
		scheme generic
	}}
	cron "@every 1s" {module} {{
		name tick
		missed one
	}}
}}
"""


@dataclass
class Client:
    """Sends one of everything, and keeps what was acknowledged."""

    app: App
    jobs: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    async def request(self, method: str, url: str, **options: Any) -> tuple[int, dict[str, Any]]:
        async with self.app.session.request(method, url, **options) as response:
            return response.status, await response.json(content_type=None)

    async def send(self, text: str) -> list[tuple[int, dict[str, Any]]]:
        """Writes a key, sends a job and delivers a webhook."""
        app, signature = self.app, hmac.digest(SECRET, text.encode(), hashlib.sha256).hex()
        answers = [
            await self.request("PUT", f"{app.admin}/_sys/kv/default/{text}", data=text),
            await self.request("POST", f"{app.url}/later", headers={"X-Gojinn-Async": "true"}, data=text),
            await self.request("POST", f"{app.url}/hook", headers={"X-Signature": signature}, data=text),
        ]
        if answers[0][0] == 200:
            self.keys[text] = text
        self.jobs += [answer["job"] for _, answer in answers[1:] if "job" in answer]
        return answers

    async def check(self) -> None:
        """Fails unless everything that was acknowledged is there and was carried out."""
        for key, value in self.keys.items():
            assert (await ask(self.app, f"/_sys/kv/default/{key}"))["value"] == value
        for job in self.jobs:
            assert (await over(self.app, job))["state"] == "done"


@pytest.mark.timeout(300)
async def test_a_full_disk_is_told_and_room_is_used_at_once(small_disk: Path, tmp_path: Path) -> None:
    ballast = small_disk / "ballast"
    async with serve(site(small_disk / "data"), folder=tmp_path, workers=2) as app:
        client, late = Client(app), Client(app)
        assert [status for status, _ in await client.send("before")] == [200, 202, 202]
        await client.check()
        fill(ballast)

        async def refused() -> bool:
            """Each process looks at the disk for itself. What one still takes is carried out later."""
            return all([{status for status, _ in await late.send("probe")} == {503} for _ in range(4)])

        await until(refused)
        for status, problem in await client.send("meanwhile"):
            assert (status, problem["code"]) == (503, "unavailable")
            assert "is full" in problem["detail"]
            assert "make room" in problem["hint"]
        assert "is full" in (await app.status())["node"]["warnings"][0]
        assert (await app.get("/later"))[0] == 200
        await client.check()
        ran = (await ask(app, "/_sys/cron"))["schedules"][0]["last"] or 0
        ballast.unlink()

        async def accepted() -> bool:
            return [status for status, _ in await client.send("after")] == [200, 202, 202]

        await until(accepted)
        await client.check()
        await late.check()

        async def ticked() -> bool:
            return ((await ask(app, "/_sys/cron"))["schedules"][0]["last"] or 0) > ran + 2

        await until(ticked, REDELIVERED)
