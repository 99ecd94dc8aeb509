"""Statuses that a Caddyfile gives, as a number or a placeholder. What they mean is the client's business."""

from __future__ import annotations

import re
from collections.abc import Callable

from gojinn.config.units import BadValue
from gojinn.edge.handler import HttpError
from gojinn.edge.message import Request
from gojinn.edge.placeholders import Template

FINAL = re.compile(r"[2-9][0-9][0-9]", re.ASCII)


def bare_status(text: str) -> bool:
    """Tells whether a lone argument is a status rather than a text: three digits, not 000."""
    return re.fullmatch(r"[0-9]{3}", text, re.ASCII) is not None and text != "000"


def parse_status_word(text: str) -> str:
    """Checks a status: a number from 200 to 999, or something with a placeholder."""
    if "{" not in text and not FINAL.fullmatch(text):
        raise BadValue(text, "an HTTP status from 200 to 999")
    return text


def status_of(text: str) -> Callable[[Request], int]:
    """Makes the function that tells the status for a request; it raises a 500 for anything but a status."""
    if FINAL.fullmatch(text):
        constant = int(text)
        return lambda request: constant
    template = Template(text)

    def status(request: Request) -> int:
        value = template.render(request)
        if not FINAL.fullmatch(value):
            raise HttpError(500, f"'{text}' is '{value}', expected an HTTP status")
        return int(value)

    return status


def matches_status(status: int, wanted: int) -> bool:
    """Tells whether a status is the wanted one; one digit stands for a class, as 4 for 4xx."""
    return status == wanted or (wanted < 100 and status // 100 == wanted)


def parse_status_class(text: str) -> int:
    """Reads a status (`404`) or a class of them (`4xx`, returned as its digit)."""
    if not re.fullmatch(r"[1-9](?:[0-9]{2}|xx)", text, re.ASCII):
        raise BadValue(text, "an HTTP status such as '404', or a class of them such as '4xx'")
    return int(text.removesuffix("xx"))
