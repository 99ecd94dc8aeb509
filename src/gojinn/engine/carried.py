"""Files inside of a module, in custom sections of their own, which no engine looks at. Who puts them there
is the build's."""

from __future__ import annotations

from collections.abc import Mapping

from gojinn.engine.inspect import sections
from gojinn.engine.rewrite import sized

CUSTOM = 0
PREFIX = "gojinn.file:"


def with_carried(data: bytes, contents: Mapping[str, bytes]) -> bytes:
    """The module with files at its end."""
    parts = [sized(f"{PREFIX}{name}".encode()) + content for name, content in contents.items()]
    return data + b"".join(bytes([CUSTOM]) + sized(part) for part in parts)


def carried(data: bytes) -> dict[str, bytes]:
    """The files of a module by their names. Raises Malformed."""
    found = {}
    for section, reader in sections(data):
        if section == CUSTOM and (name := reader.text()).startswith(PREFIX):
            found[name.removeprefix(PREFIX)] = reader.slice(reader.end - reader.at)
    return found
