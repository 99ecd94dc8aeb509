"""Schedules in the admin API: listing, pausing, running one now. What they do by themselves is `ticker`'s."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from gojinn.config.model import Config
from gojinn.config.walk import find
from gojinn.errors import Conflict, NotFound
from gojinn.fabric.admin import AdminCall, AdminRoute
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.schedules import Due, Planned, Schedules
from gojinn.triggers.cron.config import CronConfig
from gojinn.triggers.cron.plan import following
from gojinn.triggers.cron.runs import JobRuns


async def show(call: AdminCall) -> Any:
    """Lists the schedules of the configuration that serves, by their next instant."""
    planned: Mapping[tuple[str, str], Planned] = {}
    if Fabric in call.services:
        try:
            listed = await Schedules(call.service(Fabric)).list()
            planned = {(each.tenant, each.name): each for each in listed}
        except NotFound:
            pass  # there is no schedule yet
    crons = find(call.service(Config), CronConfig)
    rows = [row(cron, planned.get((cron.tenant, cron.name))) for cron in crons]
    return {"schedules": sorted(rows, key=lambda each: (each["next"] is None, each["next"] or 0.0))}


def row(cron: CronConfig, planned: Planned | None) -> dict[str, Any]:
    """Shows one schedule."""
    following_tick = planned.next if planned else None
    paused = following_tick is not None and following_tick.paused
    return {
        "name": cron.name,
        "tenant": cron.tenant,
        "schedule": cron.schedule,
        "timezone": cron.timezone,
        "missed": cron.missed,
        "overlap": cron.overlap,
        "function": cron.queue.function.name if cron.queue and cron.queue.function else "",
        "queue": cron.queue.name if cron.queue else "",
        "paused": paused,
        "next": None if paused else moment(following_tick),
        "last": moment(planned.last if planned else None),
    }


def moment(due: Due | None) -> float | None:
    """Shows when something was or is due, in seconds since 1970."""
    return None if due is None else due.due


async def pause(call: AdminCall) -> Any:
    """Keeps a schedule from running until it is resumed, through restarts and reloads."""
    cron = named(call)
    await Schedules(call.service(Fabric)).pause(cron.tenant, cron.name, time.time())
    return {"name": cron.name, "paused": True}


async def resume(call: AdminCall) -> Any:
    """Lets a paused schedule run again, from its next instant on."""
    cron = named(call)
    schedules = Schedules(call.service(Fabric))
    planned = (await schedules.find(cron.tenant, cron.name)).next
    if planned is not None and not planned.paused:
        raise Conflict(f"schedule '{cron.name}' is not paused")
    due = following(cron.times(), time.time())
    if due is None:
        raise Conflict(f"schedule '{cron.name}' is never due again")
    await schedules.resume(cron.tenant, cron.name, due)
    return {"name": cron.name, "paused": False, "next": due}


async def run(call: AdminCall) -> Any:
    """Runs the function of a schedule now, beside what it does by itself; a paused one too."""
    cron = named(call)
    job = await JobRuns(Jobs(call.service(Fabric))).start_now(cron)
    return {"name": cron.name, "job": job}


def named(call: AdminCall) -> CronConfig:
    """Finds the schedule that a request names. Raises NotFound."""
    name = call.parameters["name"]
    crons = list(find(call.service(Config), CronConfig))
    for cron in crons:
        if cron.name == name:
            return cron
    known = ", ".join(sorted(cron.name for cron in crons)) or "none"
    raise NotFound(f"no schedule '{name}'", hint=f"there are: {known}")


ADMIN = (
    AdminRoute("GET", "/_sys/cron", show),
    AdminRoute("POST", "/_sys/cron/{name}/pause", pause),
    AdminRoute("POST", "/_sys/cron/{name}/resume", resume),
    AdminRoute("POST", "/_sys/cron/{name}/run", run),
)
