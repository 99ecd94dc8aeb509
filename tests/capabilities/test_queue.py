"""Sending jobs as guests do it: `host_enqueue` and the operations `queue.…`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gojinn.capabilities.queue.targets import Directory
from gojinn.config.model import Config
from gojinn.engine.cache import CompileCache
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.control import listed
from gojinn.fabric.jobs.job import read_job
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.messages import message
from gojinn.fabric.node import Node
from gojinn.functions.config import FunctionConfig
from gojinn.functions.permissions import Permissions
from gojinn.functions.targets import Targets
from gojinn.testing import fabric as kit
from gojinn.testing.platform import opened_platform
from gojinn.testing.script import Script
from gojinn.trust.permissions import Grant

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]


@pytest.fixture
async def jobs() -> AsyncIterator[Jobs]:
    async with kit.fabric() as fabric:
        yield Jobs(fabric)


@pytest.fixture
async def run(cache: CompileCache, jobs: Jobs, tmp_path: Path) -> AsyncIterator[Script]:
    """Runs scripts on a platform with a queue `emails` and a module `fn/report.wasm`."""
    from gojinn.config.model import Route, Site

    module = FunctionConfig(str(tmp_path / "fn" / "report.wasm"))
    site = Site((), (Route("gojinn", module),))
    directory = Directory()
    directory.names = Targets(Config(sites=(site,), files=(str(tmp_path / "Caddyfile"),)), {"emails": "high"})
    services = {Fabric: jobs.fabric, Node: jobs.fabric.node, Jobs: jobs, Directory: directory}
    async with opened_platform(cache, services=services) as platform:
        yield Script(platform)


async def test_a_function_sends_a_job(run: Script, jobs: Jobs) -> None:
    (answer,) = (await run(("call", "queue.publish", {"queue": "emails", "body": "hello"}))).json
    assert answer["duplicate"] is False
    (record,) = await listed(jobs, "default")
    assert (record.id, record.queue, record.priority) == (answer["job"], "emails", "high")
    stored = await message(jobs.fabric, "gojinn_jobs_default", 1)
    assert stored is not None
    assert read_job(stored.data).body == b"hello"


async def test_the_contracts_import_sends_a_job_to_a_module(run: Script, jobs: Jobs) -> None:
    answers = await run(
        ("enqueue", "fn/report.wasm", "1"), ("enqueue", "./fn/report.wasm", "2"), ("enqueue", "report", "3")
    )
    assert answers == ["0", "0", "0"]
    records = await listed(jobs, "default")
    assert [record.queue for record in records] == ["fn/report.wasm"] * 3


async def test_what_nobody_serves_is_refused(run: Script) -> None:
    answers = await run(("enqueue", "nobody", "1"), ("enqueue", "", "2"), ("enqueue", "*", "3"))
    assert answers == ["1", "1", "1"]
    assert "there is no queue 'nobody'" in answers.log[0].text
    answers = await run(("call", "queue.publish", {"queue": "../../etc/passwd"}))
    assert answers.codes == ["not-found"]


async def test_a_key_makes_one_job_of_two(run: Script, jobs: Jobs) -> None:
    publish = ("call", "queue.publish", {"queue": "emails", "key": "order 7"})
    first, second = (await run(publish, publish)).json
    assert first["job"] == second["job"]
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert len(await listed(jobs, "default")) == 1


async def test_a_job_can_be_asked_for_and_called_off_by_its_tenant_only(run: Script) -> None:
    (sent,) = (await run(("call", "queue.publish", {"queue": "emails", "delay": 60}))).json
    asked = {"job": sent["job"]}
    answers = await run(("call", "queue.status", asked), ("call", "queue.cancel", asked), tenant="other")
    assert answers.codes == ["not-found", "not-found"]
    answers = await run(
        ("call", "queue.status", asked), ("call", "queue.cancel", asked), ("call", "queue.cancel", asked)
    )
    assert [answer.get("state") for answer in answers.json] == ["scheduled", "cancelled", None]
    assert answers.codes[2] == "conflict"


async def test_queues_are_open_until_a_line_narrows_them(run: Script, jobs: Jobs) -> None:
    narrow = Permissions(kv_read=("*",), kv_write=("*",), queue=(Grant("queue", "publish", ("fn/",)),))
    answers = await run(
        ("enqueue", "report", "1"),
        ("enqueue", "emails", "2"),
        ("call", "queue.publish", {"queue": "emails"}),
        permissions=narrow,
    )
    assert answers[:2] == ["0", "1"]
    assert "queue publish emails" in answers[2]
    assert len(await listed(jobs, "default")) == 1


WRONG: dict[str, tuple[str, str]] = {
    "{}": ("bad-request", "missing required field `queue`"),
    '{"queue": 7}': ("bad-request", "Expected `str`"),
    '{"queue": "emails", "priority": "urgent"}': ("bad-request", "wrong priority"),
    '{"queue": "emails", "delay": -1}': ("bad-request", "wrong delay"),
    '{"queue": "emails", "delay": 1e300}': ("bad-request", "wrong delay"),
    '{"queue": "emails", "body": "a", "body_base64": "YQ=="}': ("bad-request", "two bodies"),
    '{"queue": "emails", "body_base64": "%"}': ("bad-request", "base64"),
    '{"queue": "emails", "body": "' + "x" * 1_000_001 + '"}': ("limit", "too large"),
    '{"queue": "emails", "key": "' + "x" * 300 + '"}': ("bad-request", "too long"),
    '{"queue": "emails", "other": 1}': ("bad-request", "unknown field"),
}


async def test_bad_requests_are_refused(run: Script, jobs: Jobs) -> None:
    answers = await run(*(("call", "queue.publish", request) for request in WRONG))
    for answer, (code, text) in zip(answers.json, WRONG.values(), strict=True):
        assert answer["error"]["code"] == code
        assert text in answer["error"]["message"]
    assert await listed(jobs, "default") == []
