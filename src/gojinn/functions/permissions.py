"""The `permissions` block of a function. What grants decide is `trust.permissions`'."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Scope
from gojinn.config.fields import line, words
from gojinn.config.units import parse_text
from gojinn.trust.permissions import ACTIONS, CONTRACT, EVERYTHING, Grant, Grants

PREFIXES = "<prefix or *>…"


def grants_of(capability: str) -> Any:
    """Makes the field for the lines of one capability: `<capability> <action> [<prefix or *>…]`."""
    form = f"{'|'.join(ACTIONS[capability])} {PREFIXES}"
    return line(reader(capability, form), form, repeat=True)


def reader(capability: str, form: str) -> Callable[[Node, Scope], Grant]:
    """Makes what reads such a line."""

    def read(node: Node, scope: Scope) -> Grant:
        if not node.args or node.args[0].text not in ACTIONS[capability]:
            raise node.wrong_args(form)
        prefixes = tuple(word.text for word in node.args[1:]) or (EVERYTHING,)
        return Grant(capability, node.args[0].text, prefixes)

    return read


@dataclass(frozen=True, slots=True)
class Permissions:
    """permissions {
        kv_read  <prefix>…
        kv_write <prefix>…
        s3_read  <prefix>…
        s3_write <prefix>…
        kv       read|write <prefix>…
        blob     read|write <prefix>…
        db       read|write
        lock     acquire <prefix>…
        queue    publish <prefix>…
    }

    What of the host a function may use, by prefix of the name; `*` is every name. Keys and objects are denied
    until they are granted; databases, locks and queues are open until a line here narrows them.
    """

    kv_read: tuple[str, ...] = words(parse_text, PREFIXES)
    """Keys that may be read from the key-value store."""
    kv_write: tuple[str, ...] = words(parse_text, PREFIXES)
    """Keys that may be written to the key-value store."""
    s3_read: tuple[str, ...] = words(parse_text, PREFIXES)
    """Objects that may be read from the object store."""
    s3_write: tuple[str, ...] = words(parse_text, PREFIXES)
    """Objects that may be written to the object store."""
    kv: tuple[Grant, ...] = grants_of("kv")
    """The same for keys, in the form that all capabilities have."""
    blob: tuple[Grant, ...] = grants_of("blob")
    """The same for objects."""
    db: tuple[Grant, ...] = grants_of("db")
    """Whether the database may only be read, or also written."""
    lock: tuple[Grant, ...] = grants_of("lock")
    """Locks that may be taken."""
    queue: tuple[Grant, ...] = grants_of("queue")
    """Queues and functions that jobs may be sent to."""

    def lines(self) -> tuple[Grant, ...]:
        """All grants, those under the contract's names included."""
        named = [Grant(*pair, getattr(self, word)) for word, pair in CONTRACT.items() if getattr(self, word)]
        return (*named, *(grant for capability in ACTIONS for grant in getattr(self, capability)))

    def grants(self) -> Grants:
        """What decides."""
        return Grants(self.lines())

    def granted(self) -> frozenset[str]:
        """The contract's permissions that are granted at all, such as `kv_read`."""
        return granted(self)

    @classmethod
    def everything(cls) -> Permissions:
        """Grants all there is."""
        every = (EVERYTHING,)
        return cls(kv_read=every, kv_write=every, s3_read=every, s3_write=every)


@cache
def granted(permissions: Permissions) -> frozenset[str]:
    """Names what is granted at all; most functions share a few blocks."""
    pairs = {(grant.capability, grant.action) for grant in permissions.lines()}
    return frozenset(word for word, pair in CONTRACT.items() if pair in pairs)


assert {field.name for field in dataclasses.fields(Permissions)} == {*CONTRACT, *ACTIONS}
