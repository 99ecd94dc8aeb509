"""What a NATS holds, in figures: streams, consumers and their lag. How they are shown is others'."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from gojinn.errors import GojinnError, NotFound
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.figures import dead_letters

Figures = dict[str, Any]

MOST_STREAMS = 256
"""Streams of which single figures are collected, the largest first: each is a request."""
TIMEOUT = 2.0
"""Seconds for an answer; a status must not wait for a NATS that is away."""


async def collect(fabric: Fabric) -> Figures:
    """Collects the figures of everything in the account; of a NATS that does not answer only that."""
    try:
        account = await fabric.api("INFO", timeout=TIMEOUT)
        streams = [stream_figures(each) async for each in listed(fabric, "STREAM.LIST", "streams")]
        streams.sort(key=lambda each: each["bytes"], reverse=True)
        with_consumers = [each for each in streams[:MOST_STREAMS] if each["consumers"]]
        consumers = [found for each in with_consumers for found in await consumers_of(fabric, each["name"])]
        letters = await dead_letters(fabric, [each["name"] for each in streams[:MOST_STREAMS]])
    except GojinnError as error:
        return {"error": str(error)}
    return {
        "storage": account.get("storage", 0),
        "storage_limit": (account.get("limits") or {}).get("max_storage", 0),
        "api_requests": (account.get("api") or {}).get("total", 0),
        "api_errors": (account.get("api") or {}).get("errors", 0),
        "messages": sum(each["messages"] for each in streams),
        "streams": streams,
        "consumers": consumers,
        "dead_letters": letters,
    }


async def listed(fabric: Fabric, request: str, key: str) -> AsyncIterator[Figures]:
    """Yields what a request of JetStream's API lists, page by page."""
    offset = 0
    while True:
        page = await fabric.api(request, {"offset": offset}, timeout=TIMEOUT)
        found = page.get(key) or []
        for each in found:
            yield each
        offset += len(found)
        if not found or offset >= page.get("total", 0):
            return


async def consumers_of(fabric: Fabric, stream: str) -> list[Figures]:
    """Collects the figures of a stream's consumers; none when it has just been removed."""
    try:
        found = listed(fabric, f"CONSUMER.LIST.{stream}", "consumers")
        return [consumer_figures(each) async for each in found]
    except NotFound:
        return []


def stream_figures(info: Figures) -> Figures:
    """Makes the figures of one stream from what JetStream tells of it."""
    state, cluster = info["state"], info.get("cluster") or {}
    copies = cluster.get("replicas") or []
    return {
        "name": info["config"]["name"],
        "messages": state["messages"],
        "bytes": state["bytes"],
        "subjects": state.get("num_subjects", 0),
        "last": state["last_seq"],
        "consumers": state["consumer_count"],
        "replicas": info["config"].get("num_replicas", 1),
        "leader": cluster.get("leader", ""),
        "behind": sum(1 for each in copies if not each.get("current")),
    }


def consumer_figures(info: Figures) -> Figures:
    """Makes the figures of one consumer; `lag` is what it has not been given yet."""
    return {
        "stream": info["stream_name"],
        "name": info["name"],
        "lag": info.get("num_pending", 0),
        "unacknowledged": info.get("num_ack_pending", 0),
        "redelivered": info.get("num_redelivered", 0),
        "waiting": info.get("num_waiting", 0),
        "acknowledged": (info.get("ack_floor") or {}).get("stream_seq", 0),
    }
