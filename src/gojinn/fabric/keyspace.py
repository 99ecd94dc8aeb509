"""How the keys of a tenant become subjects, and back. What is stored under them is `records`'.

A key is any text. It is split after each of `/ : .`, each part being one token of `names`, so that a prefix
that ends in one of them is a pattern that the server can filter by. The spelled form of a key begins with
the spelled form of each of its prefixes.
"""

from __future__ import annotations

import re

from gojinn.errors import BadRequest, GojinnError, LimitExceeded, clip
from gojinn.fabric import names

LONGEST_KEY = 1024
"""Bytes of a key in UTF-8."""
PART = re.compile(r"(?<=[/:.])")
DEPTH = 15
"""Splits of one key; what is beyond stays one part."""


class Keyspace:
    """The subjects of one tenant's keys of one kind."""

    def __init__(self, tenant: str, kind: str) -> None:
        self.tenant = tenant
        self.kind = kind
        self.stream = names.stream(kind, tenant)
        self.everything = names.pattern(tenant, kind, names.REST)
        """The pattern of all keys."""
        self.root = self.everything.removesuffix(names.REST)

    def subject(self, key: str) -> str:
        """Spells a key. Raises BadRequest for an empty one, LimitExceeded for one that is too long."""
        check_key(key)
        return names.subject(self.tenant, self.kind, *PART.split(key, DEPTH))

    def key(self, subject: str) -> str | None:
        """Reads what `subject` has spelled; None for what another program has stored under another name."""
        try:
            key = "".join(map(names.unescape, subject.removeprefix(self.root).split(".")))
            return key if self.subject(key) == subject else None
        except (ValueError, GojinnError):
            return None

    def beginning(self, prefix: str) -> str:
        """Spells what the subjects of all keys with a prefix begin with, and no others."""
        if not prefix:
            return self.root
        check_key(prefix)
        *parts, last = PART.split(prefix, DEPTH)
        return self.root + ".".join([*map(names.escape, parts), names.escape(last) if last else ""])

    def pattern(self, prefix: str) -> str:
        """Spells a pattern that matches all keys with a prefix, and maybe more."""
        return self.beginning(prefix).rpartition(".")[0] + "." + names.REST


def key_of(data: bytes) -> str:
    """Reads a key. Raises BadRequest when it is not UTF-8; one that is too long is cut, and refused later."""
    try:
        return data.decode(errors="strict" if len(data) <= LONGEST_KEY else "replace")
    except UnicodeDecodeError as error:
        raise BadRequest("the key is not UTF-8") from error


def check_key(key: str) -> None:
    """Raises BadRequest for an empty key or one that is no Unicode text, LimitExceeded for a long one."""
    if not key:
        raise BadRequest("the key is empty", hint="name what the value is, such as 'orders/17'")
    try:
        size = len(key.encode())
    except UnicodeEncodeError as error:
        raise BadRequest("the key is no Unicode text: it has half of a surrogate pair") from error
    if size > LONGEST_KEY:
        raise LimitExceeded(
            f"the key '{clip(key, 40)}' is too long: given {size:,} bytes, expected at most {LONGEST_KEY:,}",
            hint="use a hash of it as the key",
        )
