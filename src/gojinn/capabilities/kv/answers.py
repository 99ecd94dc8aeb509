"""How keys, values and changes are written as JSON, for guests and for the admin API. Reads none."""

from __future__ import annotations

from typing import Any

from gojinn.fabric.feed import Event
from gojinn.fabric.listing import Page


def shown(value: bytes) -> dict[str, Any]:
    """Writes a value: as text where it is UTF-8, else in base64."""
    try:
        return {"value": value.decode()}
    except UnicodeDecodeError:
        return {"value_base64": value}


def page(found: Page, *, values: bool) -> dict[str, Any]:
    """Writes a page of keys."""
    keys = [
        {"key": item.key, "revision": item.revision, "size": len(item.value)}
        | (shown(item.value) if values else {})
        for item in found.items
    ]
    return {"keys": keys, "next": found.next}


def change(event: Event) -> dict[str, Any]:
    """Writes a change."""
    value = {"deleted": True} if event.entry.value is None else shown(event.entry.value)
    return {"key": event.key, "revision": event.entry.revision, **value}
