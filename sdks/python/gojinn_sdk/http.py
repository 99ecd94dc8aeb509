"""Other servers, as far as the host lets the function ask them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gojinn_sdk.host import call, decoded, encoded, given
from gojinn_sdk.request import Headers


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Headers
    body: bytes


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str | Sequence[str]] | None = None,
    body: bytes | str | None = None,
    timeout: float | None = None,
) -> Answer:
    """Asks a server; any status is an answer. Raises Denied, Unavailable."""
    fields = {
        name: [value] if isinstance(value, str) else list(value) for name, value in (headers or {}).items()
    }
    sent = encoded("body", body) if body is not None else {}
    more = given(timeout=timeout)
    answer = call("http.fetch", {"method": method, "url": url, "headers": fields, **sent, **more})
    return Answer(answer["status"], Headers(answer.get("headers") or {}), decoded("body", answer))
