"""Objects of the function's tenant. Which it may use, `permissions` in the Caddyfile says."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gojinn_sdk.host import call, given


@dataclass(frozen=True)
class Info:
    """What is known of an object."""

    key: str
    size: int
    etag: str
    content_type: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Object(Info):
    """An object, or a piece of one, with what it holds."""

    body: bytes = b""


@dataclass(frozen=True)
class Page:
    """One page of objects."""

    objects: list[Info]
    next: str
    """What to give as `after` for more; empty when there is none."""


def put(
    key: str,
    body: bytes | str,
    *,
    content_type: str | None = None,
    metadata: Mapping[str, str] | None = None,
    if_match: str | None = None,
) -> str:
    """Writes an object, with `if_match` only over the one with that etag; returns its etag."""
    return send("blob.put", key, body, content_type=content_type, metadata=metadata, if_match=if_match)


def create(
    key: str,
    body: bytes | str,
    *,
    content_type: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> str:
    """Writes an object where none is; returns its etag. Raises Exists."""
    return send("blob.put_if_absent", key, body, content_type=content_type, metadata=metadata)


def send(operation: str, key: str, body: bytes | str, **more: Any) -> str:
    """Sends an object."""
    data = body.encode() if isinstance(body, str) else body
    answer = call(operation, {"key": key, "body": b64encode(data).decode(), **given(**more)})
    return str(answer["etag"])


def get(key: str, *, offset: int | None = None, length: int | None = None) -> Object:
    """Reads an object or a piece of it, at most 4 MiB at a time. Raises NotFound, TooLarge."""
    answer = call("blob.get", given(key=key, offset=offset, length=length))
    return Object(**known(answer), body=b64decode(answer["body"]))


def head(key: str) -> Info:
    """Tells what is known of an object. Raises NotFound."""
    return Info(**known(call("blob.head", {"key": key})))


def objects(prefix: str = "", *, after: str | None = None, limit: int | None = None) -> Page:
    """Lists objects in the order of their keys."""
    answer = call("blob.list", given(prefix=prefix, after=after, limit=limit))
    return Page([Info(**known(each)) for each in answer["objects"]], answer["next"])


def delete(key: str) -> None:
    """Removes an object; one that is not there is no error."""
    call("blob.delete", {"key": key})


def copy(source: str, target: str) -> None:
    """Copies an object with its content type and metadata. Raises NotFound."""
    call("blob.copy", {"source": source, "target": target})


def presign(key: str, *, method: str = "GET", seconds: int = 900) -> str:
    """Makes an address by which anybody may read (`GET`) or write (`PUT`) an object for some time."""
    return str(call("blob.presign", {"key": key, "method": method, "seconds": seconds})["url"])


def known(answer: dict[str, Any]) -> dict[str, Any]:
    """Picks what an Info has."""
    names = ("key", "size", "etag", "content_type", "metadata")
    return {name: answer[name] for name in names if answer.get(name) is not None}
