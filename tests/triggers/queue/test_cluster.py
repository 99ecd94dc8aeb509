"""Jobs on a NATS cluster of a user's own, with a copy of everything on three servers."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from gojinn.engine.cache import CompileCache
from gojinn.errors import GojinnError
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.control import cancel
from gojinn.fabric.jobs.job import State
from gojinn.fabric.jobs.letters import replay
from gojinn.testing import fabric as kit
from gojinn.testing.jobs import consuming, job_for, until

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

SITE = """
queue good ok.wasm
queue bad fail.wasm {
	retries 1
	backoff 100ms
}
"""


async def test_a_cluster_keeps_jobs_through_the_loss_of_a_server(cache: CompileCache, folder: Path) -> None:
    async with (
        kit.cluster() as made,
        Fabric(made.node(), "test") as fabric,
        consuming(fabric, cache, SITE, folder) as bench,
    ):
        ids = [await bench.send("good", b"x") for _ in range(20)]
        keyed = await asyncio.gather(*(bench.jobs.publish(job_for("good", key="one")) for _ in range(5)))
        assert len({each.id for each in keyed}) == 1
        dead = await bench.send("bad")
        later = await bench.send("good", delay=3600)
        assert {(await bench.over(id)).state for id in ids} == {State.DONE}
        assert (await bench.over(dead)).attempts == 2
        assert (await cancel(bench.jobs, "default", later)).state is State.CANCELLED

        await made.members[0].kill()
        sent: list[str] = []

        async def send() -> str | None:
            job = job_for("good")
            try:
                sent.append((await bench.jobs.publish(job, timeout=20.0)).id)
            except GojinnError:
                return None
            return job.id

        for _ in range(5):
            await until(send, 60)
        await replay(bench.jobs, "default", dead)
        states = Counter([(await bench.over(id)).state for id in sent])
        assert states == {State.DONE: len(sent)}
