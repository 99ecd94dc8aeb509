"""What a directive gets when its handler is built. The building itself is `router`'s."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from gojinn.config.model import Route
from gojinn.edge.files.confine import Confinement
from gojinn.edge.message import Handler, Middleware

Service = TypeVar("Service")


class Compile(Protocol):
    """Turns nested routes into one middleware (for `handle`, `route`, …).

    Routes in a row with the same matchers ask these once, unless `joined` is False: then each asks anew.
    """

    def __call__(self, routes: Sequence[Route], *, joined: bool = True) -> Middleware: ...


@dataclass(slots=True)
class BuildContext:
    """Handed to every directive's `build`; lives as long as the generation."""

    compile: Compile
    services: dict[type, Any] = field(default_factory=dict)
    """Process-wide services by their type, such as the function registry."""
    resources: list[AbstractAsyncContextManager[Any]] = field(default_factory=list)
    """Appended to by handlers that own something long-lived; the generation enters and leaves them."""
    files: tuple[str, ...] = ()
    """What file servers keep to themselves: paths that the configuration was read from, and state."""
    confinement: Confinement = field(default_factory=lambda: Confinement(()))
    """The folders that functions may write to."""
    paths: list[Sequence[str]] = field(default_factory=list)
    """The patterns of the path matchers around what is being built, from outside in."""

    def service(self, kind: type[Service]) -> Service:
        """Finds a service by its type; a missing one is a bug of the composition root."""
        found = self.services[kind]
        assert isinstance(found, kind)
        return found


class HttpError(Exception):
    """The `error` directive or a plain handler's failure: a bare status with an empty body, as Caddy's."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message or str(status))
        self.status = status
        self.message = message


__all__ = ["BuildContext", "Compile", "Handler", "HttpError", "Middleware"]
