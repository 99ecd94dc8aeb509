"""Cookies of a request (RFC 6265, section 5.4). Setting them is the handlers' business."""

from __future__ import annotations

from gojinn.edge.headers import every, field_text
from gojinn.edge.message import Request


def cookie(request: Request, name: str) -> str:
    """Returns the value of the first cookie of this name, without quotes; empty when there is none."""
    for header in every(request.raw_headers, b"cookie"):
        for pair in field_text(header).split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    return ""
