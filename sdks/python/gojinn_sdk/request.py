"""What a function is asked."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from gojinn_sdk.errors import BadRequest


class Headers(Mapping[str, str]):
    """Header fields. Upper and lower case do not matter; of several values a lookup gives the first."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self.fields = {name.lower(): values for name, values in fields.items() if values}

    def __getitem__(self, name: str) -> str:
        return self.fields[name.lower()][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def all(self, name: str) -> list[str]:
        """Returns all values of a field."""
        return self.fields.get(name.lower(), [])


class Query(Mapping[str, str]):
    """The parameters of the query, decoded; of several values a lookup gives the first."""

    def __init__(self, text: str) -> None:
        self.values_of = parse_qs(text, keep_blank_values=True)

    def __getitem__(self, name: str) -> str:
        return self.values_of[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_of)

    def __len__(self) -> int:
        return len(self.values_of)

    def all(self, name: str) -> list[str]:
        """Returns all values of a parameter."""
        return self.values_of.get(name, [])


class Request:
    """What a function is asked."""

    def __init__(self, envelope: dict[str, Any]) -> None:
        self.method: str = envelope.get("method", "")
        """The HTTP method, or what started the function: `ASYNC`, `CRON`, `MQTT`, `WEBHOOK`."""
        self.uri: str = envelope.get("uri", "")
        """The path with the query, as received."""
        self.headers = Headers(envelope.get("headers") or {})
        body: str = envelope.get("body", "")
        self.body: bytes = b64decode(body) if envelope.get("body_encoding") == "base64" else body.encode()
        self.trace_id: str = envelope.get("trace_id", "")
        """The W3C traceparent of the invocation."""
        self.tenant: str = envelope.get("tenant", "")
        self.client_ip: str = envelope.get("client_ip", "")
        self.trigger: str = envelope.get("trigger", "")
        """What started the function: `http`, `queue`, `cron`, `mqtt`, `webhook`."""
        self.attempt: int = envelope.get("attempt", 1)
        """Which delivery of the same event this is, from 1."""

    @property
    def path(self) -> str:
        """The decoded path."""
        return unquote(self.uri.partition("?")[0])

    @property
    def query(self) -> Query:
        """The parameters of the query."""
        return Query(self.uri.partition("?")[2])

    def text(self) -> str:
        """Returns the body as text. Raises BadRequest when it is not UTF-8."""
        try:
            return self.body.decode()
        except UnicodeDecodeError as error:
            raise BadRequest("the body is not UTF-8") from error

    def json(self) -> Any:
        """Returns what the body says. Raises BadRequest when it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"the body is not the JSON that is expected: {error}") from error
