"""The table of all imports from module `gojinn`, from the one tuple of capabilities. Serves none itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gojinn.capabilities import call, log, unserved
from gojinn.capabilities.blob import capability as blob
from gojinn.capabilities.capability import Capability, Import
from gojinn.capabilities.http import capability as http
from gojinn.capabilities.kv import capability as kv
from gojinn.capabilities.lock import capability as lock
from gojinn.capabilities.queue import capability as queue
from gojinn.capabilities.sql import capability as sql

MODULE = "gojinn"

CAPABILITIES: tuple[Capability, ...] = (
    log.CAPABILITY,
    call.CAPABILITY,
    sql.CAPABILITY,
    kv.CAPABILITY,
    lock.CAPABILITY,
    blob.CAPABILITY,
    queue.CAPABILITY,
    http.CAPABILITY,
    unserved.AI,
    unserved.SOCKET,
)
"""Serving one more capability is a module or folder beside this one and its line here."""

OWNERS: Mapping[str, Capability] = MappingProxyType({i.name: c for c in CAPABILITIES for i in c.imports})
"""Whose an import is, by its name."""

IMPORTS: Mapping[str, Import] = MappingProxyType({i.name: i for c in CAPABILITIES for i in c.imports})
"""The imports by name."""


def fits(entry: Import, params: tuple[str, ...], results: tuple[str, ...]) -> bool:
    """Whether a module declares an import as the contract does; its result may have either integer width."""
    if entry.result is None:
        return params == entry.params and results == ()
    return params == entry.params and results in (("i32",), ("i64",))
