"""The function's log. What is printed goes there too."""

from __future__ import annotations

from typing import Any

from gojinn_sdk import host


def debug(message: str, **fields: Any) -> None:
    """Writes what only matters while looking for a mistake."""
    write("debug", message, fields)


def info(message: str, **fields: Any) -> None:
    """Writes what happened as it should."""
    write("info", message, fields)


def warn(message: str, **fields: Any) -> None:
    """Writes what should not have happened and did no harm."""
    write("warn", message, fields)


def error(message: str, **fields: Any) -> None:
    """Writes what went wrong."""
    write("error", message, fields)


def write(level: str, message: str, fields: dict[str, Any]) -> None:
    """Writes an entry. While the function is built it is shown with what the build says."""
    if host.is_building():
        print(f"{level}: {message}", *(f"{name}={value!r}" for name, value in fields.items()))
    else:
        host.call("log.write", {"level": level, "message": str(message), "fields": fields})
