"""Locks of the function's tenant, which end by themselves."""

from __future__ import annotations

from types import TracebackType

from gojinn_sdk.host import call


class Lock:
    """A lock that is held. In a `with` it is given back at the end."""

    def __init__(self, name: str, owner: str, token: int, ttl: float) -> None:
        self.name = name
        self.owner = owner
        """A secret by which any function of the tenant may renew or release it."""
        self.token = token
        """Higher than that of whoever had the lock before."""
        self.ttl = ttl
        """Seconds for which it was given."""

    def renew(self, ttl: float = 60) -> None:
        """Makes it last some seconds from now. Raises Conflict when it has been lost."""
        self.ttl = call("lock.renew", {"name": self.name, "owner": self.owner, "ttl": ttl})["ttl"]

    def release(self) -> None:
        """Gives it back. Raises Conflict when it was lost."""
        call("lock.release", {"name": self.name, "owner": self.owner})

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def acquire(name: str, *, ttl: float = 60, wait: float = 0) -> Lock:
    """Takes a lock for some seconds, waiting for it up to `wait`. Raises Conflict when somebody has it."""
    answer = call("lock.acquire", {"name": name, "ttl": ttl, "wait": wait})
    return Lock(name, answer["owner"], answer["token"], answer["ttl"])
