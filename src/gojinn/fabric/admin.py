"""What a subsystem adds to the admin API: paths under `/_sys/`, answered with JSON by the supervisor.

    async def show(call: AdminCall) -> Any:
        return await jobs.load(call.service(Fabric), call.parameters["id"])

    ADMIN = (AdminRoute("GET", "/_sys/jobs/{id}", show),)

and a line in the tuple `ADMIN` of `adminapi.py`. Errors of our tree become problem details with their status.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload
from urllib.parse import unquote

import msgspec

from gojinn.errors import BadRequest, Unavailable

T = TypeVar("T")

LARGEST_BODY = 64 << 10
"""Bytes, unless a route says otherwise."""


@dataclass(frozen=True, slots=True)
class AdminCall:
    """One request to the admin listener."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    """What stands in the path where its route has names in braces, decoded."""
    query: Mapping[str, str] = field(default_factory=dict)
    """The query's parameters; of a repeated one the last."""
    body: bytes = b""
    services: Mapping[type, Any] = field(default_factory=dict)
    """What the supervisor has, by type: `Config` always; `Node` and `Fabric` once anything needs them."""

    def service(self, kind: type[T]) -> T:
        """Returns something of the supervisor. Raises Unavailable while it is not there."""
        found = self.services.get(kind)
        if found is None:
            raise Unavailable(
                "this server keeps no state yet", hint="add a function or a trigger to the Caddyfile"
            )
        return found  # type: ignore[no-any-return]

    def json(self, kind: type[T]) -> T:
        """Reads the body, which may be empty where `kind` needs no field. Raises BadRequest."""
        try:
            return msgspec.json.decode(self.body or b"{}", type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadRequest(f"the body is wrong: {error}") from error

    @overload
    def number(self, name: str, default: int, *, most: int) -> int: ...
    @overload
    def number(self, name: str, default: None, *, most: int) -> int | None: ...
    def number(self, name: str, default: int | None, *, most: int) -> int | None:
        """Reads a whole number from 0 to `most` of the query. Raises BadRequest."""
        text = self.query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
            raise BadRequest(f"wrong '{name}': given '{text[:40]}', expected a whole number up to {most}")
        return int(text)


Action = Callable[[AdminCall], Awaitable[Any]]
"""Returns what JSON can write, dataclasses and msgspec structs too, or `bytes`, which go out as they are."""


@dataclass(frozen=True, slots=True)
class AdminRoute:
    """One method on one path."""

    method: str
    path: str
    """Such as `/_sys/jobs/{id}`: a segment in braces matches any text without a slash, at the end `{name...}`
    also with slashes."""
    action: Action
    largest: int = LARGEST_BODY
    """Bytes that the body may have."""

    def match(self, path: str) -> dict[str, str] | None:
        """Returns what the names in braces stand for in an encoded path; None when it does not match."""
        wanted, given = self.path.split("/"), path.split("/")
        if wanted[-1].endswith("...}"):
            given[len(wanted) - 1 :] = ["/".join(given[len(wanted) - 1 :])]
        if len(wanted) != len(given):
            return None
        found: dict[str, str] = {}
        for each, text in zip(wanted, given, strict=True):
            if each.startswith("{") and text:
                found[each.strip("{.}")] = unquote(text)
            elif each != text:
                return None
        return found
