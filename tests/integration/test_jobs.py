"""Jobs in the whole program: from a request to a result, over crashes, by HTTP and by command."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from gojinn.config.units import Secret
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.keys import kept_seed
from gojinn.fabric.node import Access, Node
from gojinn.testing.app import App, account_of, serve
from gojinn.testing.guests import guest, printing
from gojinn.testing.jobs import job_for, until

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

LATER = {"X-Gojinn-Async": "true"}


async def send(app: App, path: str, body: bytes = b"", **headers: str) -> str:
    async with app.session.post(app.url + path, data=body, headers=LATER | headers) as response:
        assert response.status == 202
        id = response.headers["X-Gojinn-Job-ID"]
        assert response.headers["Location"] == f"/_sys/jobs/{id}"
        assert (await response.json())["job"] == id
        return id


async def admin(app: App, path: str, method: str = "GET") -> dict[str, Any]:
    async with app.session.request(method, app.admin + path) as response:
        answer: dict[str, Any] = await response.json(content_type=None)
        return answer


async def reaches(app: App, id: str, *states: str) -> dict[str, Any]:
    async def ask() -> dict[str, Any] | None:
        record = await admin(app, f"/_sys/jobs/{id}")
        return record if record.get("state") in states else None

    return await until(ask)


async def command(app: App, *arguments: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gojinn", *arguments, "--address", app.admin.removeprefix("http://")),
        stdout=asyncio.subprocess.PIPE,
        cwd=app.folder,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    answer: dict[str, Any] = json.loads(said)
    return answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fail.wasm").write_bytes(printing(b"", stderr=b"it went wrong\n", exit_code=3))
    (tmp_path / "envelope.wasm").symlink_to(guest("envelope"))
    (tmp_path / "sleepy.wasm").symlink_to(guest("sleepy"))
    return tmp_path


SITE = """\
:0 {
	gojinn /envelope envelope.wasm
	gojinn /sleepy sleepy.wasm
	gojinn /keyed envelope.wasm {
		api_key acme secret
		env WHERE keyed
	}
	queue failing fail.wasm {
		retries 0
	}
	gojinn /fail fail.wasm
}
"""


async def test_a_request_is_carried_out_later_in_the_same_trace(folder: Path) -> None:
    async with serve(SITE, folder=folder, workers=2) as app:
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        id = await send(app, "/envelope?a=b", b"hello", traceparent=f"00-{trace}-00f067aa0ba902b7-01")
        record = await reaches(app, id, "done")
        seen = json.loads(record["body"])
        assert (seen["method"], seen["uri"], seen["body"]) == ("ASYNC", "/envelope?a=b", "hello")
        assert (seen["trigger"], seen["headers"]["X-Gojinn-Job-Id"]) == ("async", [id])
        assert "X-Gojinn-Async" not in seen["headers"]
        assert seen["trace_id"].split("-")[1] == record["trace"].split("-")[1] == trace


async def test_a_job_belongs_to_the_tenant_whose_key_it_came_with(folder: Path) -> None:
    async with serve(SITE, folder=folder) as app:
        id = await send(app, "/keyed", **{"X-API-Key": "secret"})
        record = await reaches(app, id, "done")
        assert record["tenant"] == "acme"
        assert json.loads(record["body"])["tenant"] == "acme"
        assert "X-Api-Key" not in json.loads(record["body"])["headers"]


async def test_requests_with_one_idempotency_key_are_one_job(folder: Path) -> None:
    async with serve(SITE, folder=folder, workers=2) as app:
        headers = {"Idempotency-Key": "order 7"}
        ids = await asyncio.gather(*(send(app, "/envelope", **headers) for _ in range(10)))
        assert len(set(ids)) == 1
        await reaches(app, ids[0], "done")
        assert len((await admin(app, "/_sys/jobs"))["jobs"]) == 1


@pytest.mark.parametrize("value", ["perhaps", ""])
async def test_what_is_neither_yes_nor_no_is_refused(folder: Path, value: str) -> None:
    async with serve(SITE, folder=folder) as app:
        assert (await app.get("/envelope", headers={"X-Gojinn-Async": value}))[0] == 400
        assert (await app.get("/envelope", headers={"X-Gojinn-Async": "false"}))[0] == 200


async def test_a_job_whose_worker_is_killed_runs_again(folder: Path) -> None:
    async with serve(SITE, folder=folder, workers=1) as app:
        id = await send(app, "/sleepy", b"3000")
        await reaches(app, id, "running")
        (pid,) = await app.worker_pids()
        os.kill(pid, signal.SIGKILL)
        record = await reaches(app, id, "done")
        assert record["attempts"] == 1


async def test_jobs_outlive_the_whole_program(folder: Path) -> None:
    async with serve(SITE, folder=folder, workers=1) as app:
        id = await send(app, "/sleepy", b"60000")
        await reaches(app, id, "running")
        os.kill(app.pid, signal.SIGKILL)
        await app.wait()
    async with serve(SITE, folder=folder, workers=1) as app:
        assert (await reaches(app, id, "running"))["attempts"] == 1
        assert (await admin(app, f"/_sys/jobs/{id}/cancel", "POST"))["state"] == "cancelled"


async def test_commands_deal_with_jobs_and_dead_letters(folder: Path) -> None:
    caddyfile = SITE.replace("\tgojinn /fail fail.wasm\n", "\tgojinn /fail fail.wasm {\n\t\tenv A b\n\t}\n")
    async with serve(caddyfile, folder=folder) as app:
        done = await send(app, "/envelope")
        await reaches(app, done, "done")
        waiting = await send(app, "/fail")
        await reaches(app, waiting, "retrying")
        listed = await command(app, "jobs", "list")
        assert {each["id"] for each in listed["jobs"]} == {done, waiting}
        assert {(each["tenant"], each["priority"]) for each in listed["jobs"]} == {("default", "normal")}
        assert len({tuple(each) for each in listed["jobs"]}) == 1, "both have the same fields"
        assert (await command(app, "jobs", "show", done))["status"] == 200
        assert (await command(app, "jobs", "cancel", waiting))["state"] == "cancelled"
        assert (await command(app, "dlq", "list"))["letters"] == []


async def access(app: App) -> Access:
    """How the program logs in to its NATS."""
    ready = await app.record("node is ready")
    account = account_of(app.folder)
    if account is None:
        return Access((ready["nats"],), seed=kept_seed(Path(ready["data"]) / "nkey"))
    urls, user = account
    return Access(tuple(urls.split()), user=user, password=Secret(user))


async def publish(app: App, queue: str, body: bytes) -> str:
    """Sends a job to a queue, as a node of the same data directory may."""
    data = Path((await app.record("node is ready"))["data"])
    async with Fabric(Node("test", data, await access(app)), "test") as fabric:
        return (await Jobs(fabric).publish(job_for(queue, body))).id


async def test_commands_try_dead_letters_again_and_throw_them_away(folder: Path) -> None:
    async with serve(SITE, folder=folder) as app:
        id = await publish(app, "failing", b"payload")
        await reaches(app, id, "dead")
        (listed,) = (await command(app, "dlq", "list"))["letters"]
        assert (listed["id"], listed["reason"], listed["attempts"]) == (id, "exit", 1)
        letter = await command(app, "dlq", "show", id)
        assert letter["payload"]["body"] == "payload"
        assert [4, "it went wrong"] in letter["log"]
        assert await command(app, "dlq", "replay", id) == {"replayed": 1}

        async def died_again() -> bool | None:
            found = await admin(app, f"/_sys/dlq/{id}")
            return True if found.get("stream_sequence", 0) > letter["stream_sequence"] else None

        assert await until(died_again)
        assert (await command(app, "dlq", "show", id))["payload"]["body"] == "payload"
        assert await command(app, "dlq", "purge", "--all", "--queue", "failing") == {"purged": 1}
        assert (await command(app, "dlq", "list"))["letters"] == []


async def test_a_reload_lets_jobs_finish_where_they_began(folder: Path) -> None:
    async with serve(SITE, folder=folder, workers=2) as app:
        id = await send(app, "/sleepy", b"1500")
        await reaches(app, id, "running")
        await app.reload(SITE.replace("sleepy.wasm\n", "sleepy.wasm {\n\t\ttimeout 5s\n\t}\n"))
        record = await reaches(app, id, "done", "dead")
        assert (record["state"], record["attempts"]) == ("done", 1)
        assert (await app.get("/sleepy", method="POST", data=b"1"))[0] == 200
