"""The operations `kv.…` of `host_call`: requests and answers in JSON. What they do is the fabric's `store`.

A value is text in `value`, or any bytes in `value_base64`; answers use the first one for what is UTF-8. A
revision is a number that grows with every change of the tenant's keys.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gojinn.capabilities.capability import Caller, Operation
from gojinn.capabilities.kv.answers import change, page, shown
from gojinn.capabilities.request import answering, bad_request, read
from gojinn.errors import NotFound, clip
from gojinn.fabric.commits import Change
from gojinn.fabric.feed import changes
from gojinn.fabric.store import Store, Stores

LONGEST_WAIT = 60.0
"""Seconds that `kv.watch` waits at most."""


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What requests have in common: no field that means nothing."""


class Key(Request):
    """The request of `kv.get`."""

    key: str
    consistent: bool = False


class Value(Request):
    """The request of `kv.put` and `kv.create`."""

    key: str
    value: str | None = None
    value_base64: bytes | None = None
    ttl: float | None = None

    @property
    def data(self) -> bytes:
        """The value. Raises OperationError unless it is given in exactly one form."""
        data = data_of(self.value, self.value_base64)
        if data is None:
            raise bad_request("there is no value: give 'value', or 'value_base64'")
        return data


class Guarded(Value, kw_only=True):
    """The request of `kv.cas`."""

    revision: int


class Deletion(Request):
    """The request of `kv.delete`."""

    key: str
    revision: int | None = None


class Listing(Request):
    """The request of `kv.list`."""

    prefix: str = ""
    after: str | None = None
    limit: int = 100
    values: bool = False


class Written(Request):
    """One of the changes of `kv.commit`."""

    key: str
    value: str | None = None
    value_base64: bytes | None = None
    delete: bool = False
    revision: int | None = None
    ttl: float | None = None

    @property
    def change(self) -> Change:
        """The change. Raises OperationError unless it either writes or deletes."""
        data = data_of(self.value, self.value_base64)
        if (data is None) != self.delete:
            raise bad_request(f"the change of '{clip(self.key)}' needs either a value or '\"delete\": true'")
        return Change(self.key, data, self.revision, self.ttl)


class Commit(Request):
    """The request of `kv.commit`."""

    changes: list[Written]


class Watch(Request):
    """The request of `kv.watch`."""

    prefix: str = ""
    after: int | None = None
    wait: float = 0.0


class Operations:
    """Serves the operations of one worker."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def table(self) -> Mapping[str, Operation]:
        """The operations by name."""
        return {
            "kv.get": self.get,
            "kv.put": self.put,
            "kv.create": self.create,
            "kv.cas": self.cas,
            "kv.delete": self.delete,
            "kv.list": self.list,
            "kv.commit": self.commit,
            "kv.watch": self.watch,
        }

    def store(self, caller: Caller) -> Store:
        """The store that an invocation may use."""
        return self.stores.of(caller.tenant)

    async def get(self, caller: Caller, request: object) -> object:
        """Reads a key: `{"key", "consistent": false}` → `{"value" | "value_base64", "revision"}`.

        What any worker of this node has written is read at once. `consistent` asks the leader, who also
        knows at once what other nodes have written. Errors: `not-found`, `denied`, `unavailable`.
        """
        asked = read(Key, request)
        caller.permit("kv", "read", asked.key)
        with answering():
            value, revision = await self.store(caller).get(asked.key, consistent=asked.consistent)
            if value is None:
                raise NotFound(f"there is no key '{clip(asked.key)}'")
        return {**shown(value), "revision": revision}

    async def put(self, caller: Caller, request: object) -> object:
        """Writes a key, whatever it held: `{"key", "value" | "value_base64", "ttl"}` → `{"revision"}`.

        `ttl` is the seconds after which it is gone, from 1 on; without it the value stays. The answer comes
        when it is on disk. Errors: `denied`, `limit`, `unavailable`.
        """
        asked = read(Value, request)
        caller.permit("kv", "write", asked.key)
        with answering():
            return {"revision": await self.store(caller).put(asked.key, asked.data, ttl=asked.ttl)}

    async def create(self, caller: Caller, request: object) -> object:
        """Writes a key that does not exist: as `kv.put`. Errors: `conflict` when it does, and those of it."""
        asked = read(Value, request)
        caller.permit("kv", "write", asked.key)
        with answering():
            return {"revision": await self.store(caller).create(asked.key, asked.data, ttl=asked.ttl)}

    async def cas(self, caller: Caller, request: object) -> object:
        """Writes a key that still has `revision`, 0 for one that does not exist: otherwise as `kv.put`.

        Errors: `conflict` when it has another one, and those of `kv.put`.
        """
        asked = read(Guarded, request)
        caller.permit("kv", "write", asked.key)
        with answering():
            written = self.store(caller).cas(asked.key, asked.data, asked.revision, ttl=asked.ttl)
            return {"revision": await written}

    async def delete(self, caller: Caller, request: object) -> object:
        """Deletes a key, if it still has the given revision: `{"key", "revision"}` → `{"revision"}`.

        Deleting what is not there succeeds. Errors: `conflict`, `denied`, `unavailable`.
        """
        asked = read(Deletion, request)
        caller.permit("kv", "write", asked.key)
        with answering():
            return {"revision": await self.store(caller).delete(asked.key, revision=asked.revision)}

    async def list(self, caller: Caller, request: object) -> object:
        """Lists keys: `{"prefix": "", "after", "limit": 100, "values": false}` →
        `{"keys": [{"key", "revision", "size"}], "next"}`, with `values` also the values.

        The order stays the same. A page may be shorter than `limit`; there is more as long as `next` is not
        null, to be given as `after`. Errors: `denied` unless all of the prefix may be read, `unavailable`.
        """
        asked = read(Listing, request)
        caller.permit("kv", "read", asked.prefix)
        with answering():
            store = self.store(caller)
            found = await store.list(asked.prefix, after=asked.after, limit=asked.limit)
        return page(found, values=asked.values)

    async def commit(self, caller: Caller, request: object) -> object:
        """Makes up to 100 changes at once, or none: `{"changes": [{"key", "value" | "value_base64" |
        "delete": true, "revision", "ttl"}]}` → `{"revisions": […]}`, in the same order.

        `revision` demands that the key still has that one, 0 that it does not exist. Errors: `conflict`
        when one of them does not hold, and nothing is written; `denied`, `limit`, `unavailable`.
        """
        asked = read(Commit, request)
        for written in asked.changes:
            caller.permit("kv", "write", written.key)
        with answering():
            revisions = await self.store(caller).commit([written.change for written in asked.changes])
            return {"revisions": revisions}

    async def watch(self, caller: Caller, request: object) -> object:
        """Tells what has changed: `{"prefix": "", "after", "wait": 0}` → `{"changes": [{"key", "revision",
        "value" | "value_base64" | "deleted": true}], "revision"}`.

        `after` is the revision from an answer before; without it the answer tells where to begin. Waits up
        to `wait` seconds, 60 at most, for a first change. Of a key that changed several times only the last
        change may be told. Errors: `denied` unless all of the prefix may be read, `unavailable`.
        """
        asked = read(Watch, request)
        caller.permit("kv", "read", asked.prefix)
        if not 0 <= asked.wait <= LONGEST_WAIT:
            raise bad_request(f"wrong wait: given {asked.wait:g} seconds, expected 0 to {LONGEST_WAIT:g}")
        with answering():
            bucket = self.store(caller).bucket
            found, revision = await changes(bucket, asked.prefix, after=asked.after, wait=asked.wait)
        return {"changes": [change(event) for event in found], "revision": revision}


def data_of(text: str | None, data: bytes | None) -> bytes | None:
    """Returns a value that is given in one of two forms, None for in none. Raises OperationError for both."""
    if text is None:
        return data
    if data is not None:
        raise bad_request("there are two values: give 'value' or 'value_base64'")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise bad_request("the value is no Unicode text: it has half of a surrogate pair") from error
