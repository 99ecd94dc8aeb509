"""The structlog pipeline behind `log`: what a line is made of and where it goes. Importing it is slow."""

from __future__ import annotations

import textwrap
from typing import Any, BinaryIO, cast

import msgspec
import structlog

from gojinn.observe.log import Format, is_terminal
from gojinn.observe.target import Target

REPORTS = ("error", "output")
"""Fields that may hold what is made of several lines: of a Caddyfile, of a compiler."""


def build(format: Format, output: str) -> Any:
    """Makes a structlog logger."""
    console = format == "console" or (format == "auto" and is_terminal(output))
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    if console:
        return structlog.wrap_logger(
            structlog.BytesLogger(cast(BinaryIO, Target(output))),
            processors=[*shared, console_renderer(is_terminal(output)), encode],
            wrapper_class=structlog.BoundLogger,
        )
    return structlog.wrap_logger(
        structlog.BytesLogger(cast(BinaryIO, Target(output))),
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("msg"),
            structlog.processors.JSONRenderer(serializer=serialize),
        ],
        wrapper_class=structlog.BoundLogger,
    )


def console_renderer(colors: bool) -> Any:
    """Makes what writes a line for people; reports of several lines stand below it."""
    write = structlog.dev.ConsoleRenderer(
        colors=colors, timestamp_key="time", exception_formatter=structlog.dev.plain_traceback
    )

    def render(logger: Any, method: str, fields: Any) -> str:
        reports = [fields.pop(key) for key in REPORTS if "\n" in str(fields.get(key, ""))]
        return "\n".join([write(logger, method, fields), *map(below, reports)])

    return render


def below(report: str) -> str:
    """Writes a report in lines that nobody takes for those of the log."""
    shown = "".join(each if each.isprintable() or each in "\n\t" else repr(each)[1:-1] for each in report)
    return textwrap.indent(shown, "    ")


def encode(logger: object, method: str, line: Any) -> bytes:
    """Turns a line into bytes, as the last processor."""
    return str(line).encode("utf-8", "backslashreplace")


def serialize(fields: dict[str, Any], **options: object) -> bytes:
    """Encodes a line; what JSON does not know is written as its text."""
    first = {key: fields.pop(key) for key in ("time", "level", "logger", "msg") if key in fields}
    try:
        return msgspec.json.encode({**first, **fields}, enc_hook=str)
    except UnicodeEncodeError:
        return msgspec.json.encode(printable({**first, **fields}), enc_hook=str)


def printable(value: Any) -> Any:
    """Replaces what UTF-8 cannot hold, such as the odd bytes of a request, in all texts of a value."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {printable(key): printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [printable(inner) for inner in value]
    return value
