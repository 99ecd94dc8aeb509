"""A configuration ready to be served: what the supervisor hands to its workers. Making one is `loader`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from gojinn.config.model import Config
from gojinn.config.parcel import pack
from gojinn.edge.listeners import ListenerKey, assign
from gojinn.fabric.node import Node
from gojinn.functions.modules import Modules
from gojinn.process.stamps import Stamp, stamp


@dataclass(frozen=True)
class Release:
    """One validated configuration with its number. What a worker makes of it is a `Generation`.

    It pins the modules: a worker that starts later runs what the others run, even when a file has changed.
    """

    number: int
    """Counts from 1 and never repeats while the supervisor lives."""
    config: Config
    modules: Modules = field(default_factory=Modules)
    certificates: Mapping[str, Stamp | None] = field(default_factory=dict)
    """The files of certificates and keys, as they were when this was loaded."""
    node: Node | None = None
    """What workers connect to; None while nothing needs it."""
    loaded: float = 0.0
    """When loading it began, in seconds since 1970: what has changed after that may not be in it."""
    secret: bytes = field(default=b"", repr=False)
    """What the workers authenticate to each other with; the same for as long as the supervisor lives."""

    @cached_property
    def packed(self) -> bytes:
        """The release as bytes, made once for all workers."""
        return pack(self)

    @property
    def listeners(self) -> dict[ListenerKey, str]:
        """Its listeners, each with where it is configured first."""
        return {key: str(served[0].site.place) for key, served in assign(self.config).items()}

    def same_as(self, other: Release) -> bool:
        """Whether a reload from one to the other would change nothing."""
        return (
            self.config == other.config
            and self.modules == other.modules
            and self.certificates == other.certificates
        )


def certificates(config: Config) -> dict[str, Stamp | None]:
    """Stamps the certificate files of a configuration."""
    names = [name for site in config.sites if site.tls for name in (site.tls.certificate, site.tls.key)]
    return {name: stamp(Path(name)) for name in names}
