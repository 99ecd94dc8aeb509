"""The admin API of jobs and dead letters. What people do with them is `control`'s and `letters`'."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import asdict

from gojinn.errors import BadRequest, NotFound, clip
from gojinn.fabric.admin import AdminCall, AdminRoute
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.control import cancel, listed, show
from gojinn.fabric.jobs.job import Record, State, read_job
from gojinn.fabric.jobs.letters import found, letters, purge, purge_all, replay, replay_all
from gojinn.fabric.jobs.search import record_in
from gojinn.fabric.jobs.store import Jobs

MOST = 10_000
"""Jobs of one answer."""
USUAL = 100
LONG = ("body", "body_encoding", "cut", "log")
"""Fields of a record that lists leave out."""

Shown = dict[str, Any]
"""A record with all of its fields, also those that are as they mostly are."""


def jobs_of(call: AdminCall) -> Jobs:
    """Opens the jobs over the supervisor's connection."""
    return Jobs(call.service(Fabric))


async def tenants_of(call: AdminCall, jobs: Jobs) -> Sequence[str]:
    """Whose jobs a request is about: one tenant's, or all."""
    given = call.query.get("tenant")
    return await jobs.search.tenants() if given is None else [given]


def states_of(call: AdminCall) -> Sequence[State]:
    """Which states a request is about. Raises BadRequest."""
    given = call.query.get("state")
    if given is None:
        return list(State)
    try:
        return [State(word) for word in given.split(",")]
    except ValueError as error:
        expected = ", ".join(State)
        raise BadRequest(f"wrong 'state': given '{clip(given)}', expected some of {expected}") from error


async def list_jobs(call: AdminCall) -> dict[str, list[Shown]]:
    """Lists jobs, the newest first, without their answers and logs."""
    jobs, states = jobs_of(call), states_of(call)
    limit, queue = call.number("limit", USUAL, most=MOST), call.query.get("queue", "")
    records: list[Record] = []
    for tenant in await tenants_of(call, jobs):
        records += await listed(jobs, tenant, states, queue=queue, limit=limit)
    records.sort(key=lambda record: record.created, reverse=True)
    return {"jobs": [brief(record) for record in records[:limit]]}


def brief(record: Record) -> Shown:
    """Leaves out what is long."""
    return {name: value for name, value in asdict(record).items() if name not in LONG}


async def owner(call: AdminCall, jobs: Jobs) -> str:
    """Finds whose a job is. Raises NotFound."""
    id = call.parameters["id"]
    for tenant in await tenants_of(call, jobs):
        if await jobs.search.locate(tenant, id) is not None:
            return tenant
    hint = "its result may have expired; 'keep' of its queue says when that is"
    raise NotFound(f"there is no job '{clip(id)}'", hint=hint)


async def show_job(call: AdminCall) -> Shown:
    """Shows all that is known of a job."""
    jobs = jobs_of(call)
    return asdict(await show(jobs, await owner(call, jobs), call.parameters["id"]))


async def cancel_job(call: AdminCall) -> Shown:
    """Calls a job off."""
    jobs = jobs_of(call)
    return asdict(await cancel(jobs, await owner(call, jobs), call.parameters["id"]))


async def list_letters(call: AdminCall) -> dict[str, list[Shown]]:
    """Lists dead letters, the newest job first."""
    jobs, limit = jobs_of(call), call.number("limit", USUAL, most=MOST)
    records: list[Record] = []
    for tenant in await tenants_of(call, jobs):
        records += await letters(jobs, tenant, queue=call.query.get("queue", ""), limit=limit)
    return {"letters": [brief(record) for record in records[:limit]]}


async def show_letter(call: AdminCall) -> dict[str, Any]:
    """Shows a dead letter with its log and its whole job."""
    jobs = jobs_of(call)
    _, message = await found(jobs, await owner(call, jobs), call.parameters["id"])
    record = asdict(record_in(message))
    raw = msgspec.msgpack.decode(message.data)["job"]
    try:
        job = read_job(raw)
    except msgspec.MsgspecError:
        return {**record, "payload": {"raw": b64encode(raw).decode()}, "stream_sequence": message.seq}
    payload = {"method": job.method, "uri": job.uri, "headers": job.headers, **text(job.body)}
    return {**record, "payload": payload, "stream_sequence": message.seq}


def text(body: bytes) -> dict[str, str]:
    """Writes a body as the envelope does."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body": b64encode(body).decode(), "body_encoding": "base64"}


async def replay_letter(call: AdminCall) -> dict[str, Any]:
    """Has a dead letter's job tried again."""
    jobs = jobs_of(call)
    await replay(jobs, await owner(call, jobs), call.parameters["id"])
    return {"replayed": 1}


async def replay_letters(call: AdminCall) -> dict[str, Any]:
    """Has the jobs of all dead letters tried again."""
    jobs, queue = jobs_of(call), call.query.get("queue", "")
    return {"replayed": sum([await replay_all(jobs, t, queue=queue) for t in await tenants_of(call, jobs)])}


async def purge_letter(call: AdminCall) -> dict[str, Any]:
    """Throws a dead letter away."""
    jobs = jobs_of(call)
    await purge(jobs, await owner(call, jobs), call.parameters["id"])
    return {"purged": 1}


async def purge_letters(call: AdminCall) -> dict[str, Any]:
    """Throws all dead letters away."""
    jobs, queue = jobs_of(call), call.query.get("queue", "")
    return {"purged": sum([await purge_all(jobs, t, queue=queue) for t in await tenants_of(call, jobs)])}


ADMIN = (
    AdminRoute("GET", "/_sys/jobs", list_jobs),
    AdminRoute("GET", "/_sys/jobs/{id}", show_job),
    AdminRoute("POST", "/_sys/jobs/{id}/cancel", cancel_job),
    AdminRoute("GET", "/_sys/dlq", list_letters),
    AdminRoute("DELETE", "/_sys/dlq", purge_letters),
    AdminRoute("POST", "/_sys/dlq/replay", replay_letters),
    AdminRoute("GET", "/_sys/dlq/{id}", show_letter),
    AdminRoute("DELETE", "/_sys/dlq/{id}", purge_letter),
    AdminRoute("POST", "/_sys/dlq/{id}/replay", replay_letter),
)
