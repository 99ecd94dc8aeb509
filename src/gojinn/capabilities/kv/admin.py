"""The key-value store in the admin API, for `gojinn kv`. No permissions apply: who may ask owns the server.

GET    /_sys/kv/{tenant}            a page of keys: prefix, after, limit, values
GET    /_sys/kv/{tenant}/{key}      a key
PUT    /_sys/kv/{tenant}/{key}      writes the body: ttl, revision
DELETE /_sys/kv/{tenant}/{key}      deletes: revision
GET    /_sys/kv-changes/{tenant}    what changes: prefix, after, wait
"""

from __future__ import annotations

from typing import Any

from gojinn.capabilities.kv.answers import change, page, shown
from gojinn.errors import BadRequest, NotFound, clip
from gojinn.fabric.admin import AdminCall, AdminRoute
from gojinn.fabric.buckets import Bucket
from gojinn.fabric.connection import Fabric
from gojinn.fabric.feed import changes
from gojinn.fabric.listing import LONGEST_PAGE, list_keys
from gojinn.fabric.records import LARGEST_VALUE
from gojinn.fabric.watermarks import Watermarks

LONGEST_WAIT = 60
"""Seconds that a request for changes waits at most."""
LARGEST_REVISION = (1 << 63) - 1


def bucket_of(call: AdminCall) -> Bucket:
    """The bucket of the tenant that the path names."""
    return Bucket(call.service(Fabric), call.parameters["tenant"])


async def present(call: AdminCall) -> Bucket:
    """The same, unless the tenant never had a key: asking must not make a bucket. Raises NotFound."""
    bucket = bucket_of(call)
    try:
        await bucket.find()
    except NotFound as error:
        tenant = clip(call.parameters["tenant"])
        raise NotFound(f"the tenant '{tenant}' has no keys", hint="choose one with '--tenant'") from error
    return bucket


async def show(call: AdminCall) -> Any:
    """Shows a key."""
    key = call.parameters["key"]
    value, revision = await (await present(call)).get(key)
    if value is None:
        raise NotFound(f"there is no key '{clip(key)}'")
    return {"key": key, **shown(value), "revision": revision}


async def put(call: AdminCall) -> Any:
    """Writes a key."""
    bucket, key = bucket_of(call), call.parameters["key"]
    ttl, revision = seconds(call, "ttl"), call.number("revision", None, most=LARGEST_REVISION)
    if revision is None:
        written = await bucket.put(key, call.body, ttl=ttl)
    else:
        written = await bucket.cas(key, call.body, revision, ttl=ttl)
    note(call, bucket, written)
    return {"key": key, "revision": written}


async def delete(call: AdminCall) -> Any:
    """Deletes a key."""
    bucket, key = await present(call), call.parameters["key"]
    if (await bucket.get(key)).value is None:
        raise NotFound(f"there is no key '{clip(key)}'")
    deleted = await bucket.delete(key, revision=call.number("revision", None, most=LARGEST_REVISION))
    note(call, bucket, deleted)
    return {"key": key, "revision": deleted}


async def listing(call: AdminCall) -> Any:
    """Shows a page of keys."""
    bucket = await present(call)
    prefix, after = call.query.get("prefix", ""), call.query.get("after")
    limit = call.number("limit", 100, most=LONGEST_PAGE)
    return page(await list_keys(bucket, prefix, after=after, limit=limit), values="values" in call.query)


async def watch(call: AdminCall) -> Any:
    """Tells what has changed."""
    bucket = bucket_of(call)
    after = call.number("after", None, most=LARGEST_REVISION)
    wait = call.number("wait", 0, most=LONGEST_WAIT)
    found, revision = await changes(bucket, call.query.get("prefix", ""), after=after, wait=wait)
    return {"changes": [change(event) for event in found], "revision": revision}


def note(call: AdminCall, bucket: Bucket, revision: int) -> None:
    """Makes a write known to all workers, before it is answered."""
    marks = call.service(Watermarks)
    marks.note(marks.row(bucket.keys.stream), revision)


def seconds(call: AdminCall, name: str) -> float | None:
    """Reads a number of seconds of the query. Raises BadRequest."""
    text = call.query.get(name)
    try:
        return None if text is None else float(text)
    except ValueError as error:
        raise BadRequest(f"wrong '{name}': given '{clip(text or '')}', expected seconds") from error


ADMIN = (
    AdminRoute("GET", "/_sys/kv/{tenant}", listing),
    AdminRoute("GET", "/_sys/kv/{tenant}/{key...}", show),
    AdminRoute("PUT", "/_sys/kv/{tenant}/{key...}", put, largest=LARGEST_VALUE + 1),
    AdminRoute("DELETE", "/_sys/kv/{tenant}/{key...}", delete),
    AdminRoute("GET", "/_sys/kv-changes/{tenant}", watch),
)
