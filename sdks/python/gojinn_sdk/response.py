"""What a function answers."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

HeaderValues = Mapping[str, str | Sequence[str]]


class Response:
    """An answer; the class methods make the usual ones."""

    def __init__(
        self, body: bytes | str = b"", status: int = 200, headers: HeaderValues | None = None
    ) -> None:
        """Takes a text or bytes; `headers` has a value or several for each name."""
        if not isinstance(body, (bytes, str)):
            raise TypeError(f"the body is {type(body).__name__}, expected str or bytes")
        if not isinstance(status, int) or not 200 <= status <= 599:
            raise ValueError(f"the status is {status!r}, expected 200 to 599")
        self.body = body.encode() if isinstance(body, str) else body
        self.status = status
        self.headers: dict[str, list[str]] = {}
        for name, value in (headers or {}).items():
            values = [value] if isinstance(value, str) else value
            if not isinstance(values, (list, tuple)) or not all(isinstance(each, str) for each in values):
                raise TypeError(f"the header field {name!r} is {value!r}, expected a str or a list of them")
            self.headers[name] = [*values]

    @classmethod
    def text(cls, text: str, status: int = 200, headers: HeaderValues | None = None) -> Response:
        """Answers with plain text."""
        return cls(text, status, {"Content-Type": "text/plain; charset=utf-8", **(headers or {})})

    @classmethod
    def html(cls, text: str, status: int = 200, headers: HeaderValues | None = None) -> Response:
        """Answers with a page."""
        return cls(text, status, {"Content-Type": "text/html; charset=utf-8", **(headers or {})})

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: HeaderValues | None = None) -> Response:
        """Answers with what JSON can write."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return cls(text, status, {"Content-Type": "application/json", **(headers or {})})

    @classmethod
    def bytes(
        cls,
        data: bytes,
        content_type: str = "application/octet-stream",
        status: int = 200,
        headers: HeaderValues | None = None,
    ) -> Response:
        """Answers with bytes."""
        return cls(data, status, {"Content-Type": content_type, **(headers or {})})

    @classmethod
    def empty(cls, status: int = 204, headers: HeaderValues | None = None) -> Response:
        """Answers without a body."""
        return cls(b"", status, headers)

    @classmethod
    def redirect(cls, location: str, status: int = 302) -> Response:
        """Sends the client elsewhere."""
        return cls(b"", status, {"Location": location})

    def envelope(self) -> str:
        """Writes it as the host reads it."""
        answer: dict[str, Any] = {"status": self.status, "headers": self.headers}
        try:
            answer["body"] = self.body.decode()
        except UnicodeDecodeError:
            answer["body"], answer["body_encoding"] = b64encode(self.body).decode(), "base64"
        return json.dumps(answer, ensure_ascii=False)
