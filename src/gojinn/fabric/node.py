"""What every process of a node has to know of it: who it is, where its data lives, how to reach its NATS.

Plain data that travels from the supervisor to its workers; opening a connection is `connection`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gojinn.config.units import Secret


@dataclass(frozen=True, slots=True)
class Access:
    """Where a NATS is and as whom to log in there. At most one way of logging in is given."""

    urls: tuple[str, ...]
    """Such as `nats://127.0.0.1:4222`; one that answers is enough, the others of a cluster are learned."""
    seed: Secret | None = None
    """Seed of a user NKey, `SU…`."""
    credentials: str = ""
    """Path of a `.creds` file with JWT and seed."""
    token: Secret | None = None
    user: str = ""
    password: Secret | None = None
    ca: str = ""
    """Path of a PEM file with the authorities to trust; empty means the system's."""
    certificate: str = ""
    """Path of our own certificate, for servers that ask for one."""
    key: str = ""
    """Path of that certificate's key."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node."""

    id: str
    """Ten characters that stay for as long as the data directory does."""
    data: Path
    """The data directory, absolute."""
    access: Access
    name: str = ""
    """What people call it; the id unless they chose something."""
    embedded: bool = True
    """Whether the NATS is our own child; a user's own cluster otherwise."""
    replicas: int = 1
    """Copies of each stream."""

    @property
    def tenants(self) -> Path:
        """Folder of the tenants' databases."""
        return self.data / "tenants"

    @property
    def blobs(self) -> Path:
        """Folder of the embedded object store."""
        return self.data / "blobs"

    @property
    def mounts(self) -> Path:
        """Folder of the tenants' mounts."""
        return self.data / "mounts"
