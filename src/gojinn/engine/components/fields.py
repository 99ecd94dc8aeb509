"""The header fields of `wasi:http/types`: what may be in them, how much, and who may change them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from gojinn.engine.components.exchange import OURS, Entries
from gojinn.engine.components.link import Quick
from gojinn.engine.components.resources import Guest, GuestTrap, Kind
from gojinn.engine.components.values import (
    BOOL,
    Case,
    Err,
    Handle,
    listing,
    octets,
    own,
    pair,
    result,
    scalar,
    string,
    variant,
)

TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
MOST_FIELD_BYTES: Final = 1 << 20
"""Bytes that one guest's fields may take, names and values and their lengths."""
LENGTHS: Final = 8

INVALID, FORBIDDEN, IMMUTABLE = (Err(Case(name)) for name in ("invalid-syntax", "forbidden", "immutable"))


@dataclass(slots=True)
class Fields:
    """Header fields."""

    entries: Entries = field(default_factory=list)
    mutable: bool = True

    def size(self) -> int:
        """Bytes that they take."""
        return sum(LENGTHS + len(name) + len(value) for name, value in self.entries)


def fault(name: str, value: bytes = b"") -> Err | None:
    """What is wrong with a field, if anything is."""
    if not TOKEN.fullmatch(name) or CONTROL.search(value):
        return INVALID
    return FORBIDDEN if name.lower() in OURS else None


def count(guest: Guest, size: int) -> None:
    """Notes that fields of a guest's take so many bytes more. Raises GuestTrap past the limit."""
    guest.field_bytes += size
    if guest.field_bytes > MOST_FIELD_BYTES:
        raise GuestTrap(f"more than {MOST_FIELD_BYTES} bytes of header fields")


def from_list(guest: Guest, entries: Any) -> Any:
    """Makes fields of a list."""
    made = Fields()
    for name, value in entries:
        if wrong := fault(name, value):
            return wrong
        made.entries.append((name.lower(), value))
    count(guest, made.size())
    return guest.own(made, Kind.FIELDS)


def field_values(guest: Guest, fields: int, name: str) -> list[bytes]:
    """All values of a name."""
    return [value for key, value in guest.at(fields, Fields).entries if key == name.lower()]


def change(guest: Guest, fields: int, name: str, values: Any, *, replace: bool) -> Err | None:
    """Adds values of a name, instead of those there are where `replace`."""
    found = guest.at(fields, Fields)
    for value in values or (b"",):
        if wrong := fault(name, value):
            return wrong
    if not found.mutable:
        return IMMUTABLE
    if replace:
        before = found.size()
        found.entries = [entry for entry in found.entries if entry[0] != name.lower()]
        count(guest, found.size() - before)
    added = Fields([(name.lower(), value) for value in values])
    count(guest, added.size())
    found.entries += added.entries
    return None


def copied(guest: Guest, fields: int) -> Handle:
    """Makes fields that are the same and can be changed."""
    made = Fields(list(guest.at(fields, Fields).entries))
    count(guest, made.size())
    return guest.own(made, Kind.FIELDS)


def fixed(guest: Guest, entries: Entries) -> Handle:
    """Gives fields that cannot be changed."""
    return guest.own(Fields(entries, mutable=False), Kind.FIELDS)


values, entries = listing(octets), listing(pair(string, octets))
header_error = variant()
changed = result(None, header_error)

FIELDS = {
    "[constructor]fields": Quick(lambda guest: guest.own(Fields(), Kind.FIELDS), own),
    "[static]fields.from-list": Quick(from_list, result(own, header_error)),
    "[method]fields.get": Quick(field_values, values),
    "[method]fields.has": Quick(lambda guest, f, name: bool(field_values(guest, f, name)), scalar(BOOL)),
    "[method]fields.set": Quick(
        lambda guest, f, name, given: change(guest, f, name, given, replace=True), changed
    ),
    "[method]fields.delete": Quick(lambda guest, f, name: change(guest, f, name, (), replace=True), changed),
    "[method]fields.append": Quick(
        lambda guest, f, name, value: change(guest, f, name, (value,), replace=False), changed
    ),
    "[method]fields.entries": Quick(lambda guest, f: guest.at(f, Fields).entries, entries),
    "[method]fields.clone": Quick(copied, own),
}
