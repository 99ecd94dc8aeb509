"""How subjects, streams, buckets and durables are spelled; no other module does. What is in them is theirs.

A subject reads `gojinn.<tenant>.<kind>.<part>…`, tenant first, so that a tenant's rights are one prefix. What
users give is escaped to one token, reversibly: letters, digits, `_` and `-` stay, any other byte of its UTF-8
becomes `=` and two hexadecimal digits, and empty text becomes `=`.
"""

from __future__ import annotations

import re
from contextlib import suppress

from gojinn.errors import LimitExceeded, clip

ROOT = "gojinn"
DEFAULT_TENANT = "default"
"""Who everything belongs to on a node without tenants."""
SYSTEM = f"{ROOT}.sys"
"""Subjects by which nodes speak of themselves. No tenant: a tenant's kinds never follow it."""
ANY, REST = "*", ">"
"""Wildcards of patterns: exactly one token, and one or more at the end."""

LONGEST_SUBJECT = 3072
"""Bytes. A server closes a connection whose control line passes 4,096 (its default): subject, reply and, for
API requests, the names of stream and consumer before it."""
LONGEST_NAME = 200
"""Characters of the name of a stream or durable, which the server makes a folder of."""
SEPARATOR = "+"
"""Joins the parts of a durable's name; no escaped text holds it."""

PLAIN = re.compile(r"[A-Za-z0-9_-]+")
SPECIAL = re.compile(rb"[^A-Za-z0-9_-]")
TOKEN = re.compile(r"(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+")
PAIR = re.compile(rb"=([0-9A-F]{2})")


def escape(text: str) -> str:
    """Makes one token of any text, which `unescape` turns back; lone surrogates too."""
    if PLAIN.fullmatch(text):
        return text
    data = text.encode("utf-8", "surrogatepass")
    return SPECIAL.sub(lambda found: b"=%02X" % found[0][0], data).decode("ascii") or "="


def unescape(token: str) -> str:
    """Returns the text of a token. Raises ValueError for one that `escape` never makes."""
    if PLAIN.fullmatch(token):
        return token
    if token == "=":
        return ""
    if TOKEN.fullmatch(token):
        data = PAIR.sub(lambda found: bytes([int(found[1], 16)]), token.encode("ascii"))
        with suppress(UnicodeDecodeError):
            text = data.decode("utf-8", "surrogatepass")
            if escape(text) == token:
                return text
    raise ValueError(f"no escaped text: given '{clip(token)}'")


def subject(tenant: str, kind: str, *parts: str) -> str:
    """Spells the subject of something that belongs to a tenant; parts may be any text.

    Raises LimitExceeded when it gets longer than LONGEST_SUBJECT.
    """
    tokens = [ROOT, escape(tenant), kind, *map(escape, parts)]
    return fitting(".".join(tokens), LONGEST_SUBJECT, parts[-1] if parts else tenant)


def pattern(tenant: str | None, kind: str, *parts: str) -> str:
    """Spells a pattern of subjects: like `subject`, but ANY and REST stay wildcards. Without a tenant it is
    that of all; the name of a tenant is never a wildcard."""
    tokens = [each if each in (ANY, REST) else escape(each) for each in parts]
    owner = ANY if tenant is None else escape(tenant)
    return fitting(".".join([ROOT, owner, kind, *tokens]), LONGEST_SUBJECT, parts[-1] if parts else owner)


def parts_of(spelled: str) -> tuple[str, str, tuple[str, ...]]:
    """Takes a subject apart into tenant, kind and parts. Raises ValueError for one that is not ours."""
    root, *tokens = spelled.split(".")
    if root != ROOT or len(tokens) < 2:
        raise ValueError(f"no subject of ours: given '{clip(spelled)}'")
    return unescape(tokens[0]), tokens[1], tuple(map(unescape, tokens[2:]))


def system(*tokens: str) -> str:
    """Spells a control subject, `gojinn.sys.…`; wildcards stay."""
    return ".".join([SYSTEM, *(each if each in (ANY, REST) else escape(each) for each in tokens)])


def stream(kind: str, tenant: str | None = None) -> str:
    """Spells a stream's name: `gojinn_<kind>`, or `gojinn_<kind>_<tenant>` for one of a single tenant.

    Raises LimitExceeded when it gets longer than LONGEST_NAME.
    """
    parts = [ROOT, kind] if tenant is None else [ROOT, kind, escape(tenant)]
    return fitting("_".join(parts), LONGEST_NAME, kind if tenant is None else tenant)


def durable(*parts: str) -> str:
    """Spells a durable consumer's name from any texts; different texts never give the same name.

    Raises LimitExceeded when it gets longer than LONGEST_NAME.
    """
    return fitting(SEPARATOR.join(map(escape, parts)), LONGEST_NAME, parts[-1])


def durable_parts(name: str) -> tuple[str, ...]:
    """Takes a durable's name apart again. Raises ValueError for one that `durable` never makes."""
    return tuple(map(unescape, name.split(SEPARATOR)))


def fitting(spelled: str, longest: int, given: str) -> str:
    """Returns a spelled name. Raises LimitExceeded when it is longer than the server takes."""
    if len(spelled) > longest:
        raise LimitExceeded(
            f"the name '{clip(given)}' is too long: given {len(spelled):,} bytes as it is stored, "
            f"expected at most {longest:,}",
            hint="choose a shorter name; a byte that is no letter, digit, '_' or '-' counts as three",
        )
    return spelled
