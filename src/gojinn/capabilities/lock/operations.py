"""The operations `lock.…` of `host_call`: requests and answers in JSON. What they do is the fabric's.

Whatever a lock guards should be told the token, and refuse one that is lower than the last that it saw: a
holder that was held up may have lost its lock without knowing.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gojinn.capabilities.capability import Caller, Operation
from gojinn.capabilities.request import answering, bad_request, read
from gojinn.errors import Conflict, clip
from gojinn.fabric.leases import Lease, Leases

DEFAULT_TTL = 60.0
"""Seconds."""
LONGEST_WAIT = 3600.0
"""Seconds that `lock.acquire` may be told to wait; the invocation's timeout may end it sooner."""


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What requests have in common."""

    name: str


class Acquisition(Request):
    """The request of `lock.acquire`."""

    ttl: float = DEFAULT_TTL
    wait: float = 0.0


class Renewal(Request, kw_only=True):
    """The request of `lock.renew`."""

    owner: str
    ttl: float = DEFAULT_TTL


class Release(Request):
    """The request of `lock.release`."""

    owner: str


class Operations:
    """Serves the operations of one worker."""

    def __init__(self, leases: Leases) -> None:
        self.leases = leases

    def table(self) -> Mapping[str, Operation]:
        """The operations by name."""
        return {"lock.acquire": self.acquire, "lock.renew": self.renew, "lock.release": self.release}

    async def acquire(self, caller: Caller, request: object) -> object:
        """Takes a lock: `{"name", "ttl": 60, "wait": 0}` → `{"owner", "token", "ttl"}`.

        It is given back by `lock.release`, or by itself after `ttl` seconds; the end of the function does
        not release it. Waits up to `wait` seconds for it. `owner` is a secret by which any function of the
        tenant may renew or release it. `token` is higher than that of whoever had the lock before. Errors:
        `conflict` when somebody has it, `denied`, `unavailable`.
        """
        asked = read(Acquisition, request)
        caller.permit("lock", "acquire", asked.name)
        if not 0 <= asked.wait <= LONGEST_WAIT:
            raise bad_request(f"wrong wait: given {asked.wait:g} seconds, expected 0 to {LONGEST_WAIT:g}")
        with answering():
            return shown(await self.leases.acquire(caller.tenant, asked.name, asked.ttl, wait=asked.wait))

    async def renew(self, caller: Caller, request: object) -> object:
        """Makes a lock last `ttl` seconds from now: `{"name", "owner", "ttl": 60}` → as `lock.acquire`, with
        the same token. Errors: `conflict` when it has been lost, `denied`, `unavailable`.
        """
        asked = read(Renewal, request)
        caller.permit("lock", "acquire", asked.name)
        with answering():
            return shown(await self.leases.renew(caller.tenant, asked.name, asked.owner, asked.ttl))

    async def release(self, caller: Caller, request: object) -> object:
        """Gives a lock back: `{"name", "owner"}` → `{}`. Errors: `conflict` when it was lost, or somebody
        else has it; `denied`, `unavailable`.
        """
        asked = read(Release, request)
        caller.permit("lock", "acquire", asked.name)
        with answering():
            if not await self.leases.release(caller.tenant, asked.name, asked.owner):
                raise Conflict(f"the lock '{clip(asked.name)}' is not held by this owner")
        return {}


def shown(lease: Lease) -> dict[str, object]:
    """Writes a lease for its holder."""
    return {"owner": lease.owner, "token": lease.token, "ttl": lease.ttl}
