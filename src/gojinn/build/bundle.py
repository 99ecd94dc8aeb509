"""The source files of a function, as an interpreter's image takes them. Runs no bundler and no script."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from gojinn.errors import BuildError

SKIPPED = frozenset({"node_modules", "build", "dist"})
LARGEST = 8 << 20
"""Bytes of all source files together."""


class Bundled(Protocol):
    """Sources in the form that one image reads."""

    def names(self) -> list[str]:
        """The files as their author knows them; the main one is the last."""

    def encoded(self) -> bytes:
        """What the image finds on stdin."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Source files by name, relative to the function's folder."""

    main: str
    files: Mapping[str, str]
    maps: Mapping[str, Any] = field(default_factory=dict)
    """Source maps (ECMA-426) of those that a bundler wrote."""
    written: str = ""
    """The file that the main one was made of, where a bundler made it."""

    def names(self) -> list[str]:
        """The files as their author knows them; the main one is the last."""
        mapped = [source for map in self.maps.values() for source in map["sources"]]
        return [*self.files, *mapped, self.written or self.main]

    def encoded(self) -> bytes:
        """The JSON that the runtime reads."""
        maps = {name: {key: map[key] for key in ("sources", "mappings")} for name, map in self.maps.items()}
        return json.dumps({"main": self.main, "files": self.files, "maps": maps}).encode()


def plain(folder: Path, main: Path, suffixes: tuple[str, ...]) -> Bundle:
    """Takes the files in a folder with these endings as they are.

    Raises BuildError for a file that is not UTF-8, and for more than LARGEST bytes.
    """
    name = main.relative_to(folder).as_posix()
    texts: dict[str, str] = {}
    size = 0
    for path in {**dict.fromkeys(files_in(folder, suffixes)), main: None}:
        relative = path.relative_to(folder).as_posix()
        size += path.stat().st_size
        if size > LARGEST:
            hint = "move what is no source out of the function's folder"
            raise BuildError(f"the sources are more than {LARGEST >> 20} MiB, at '{relative}'", hint=hint)
        texts[relative] = text_of(path.read_bytes(), relative)
    return Bundle(name, texts)


def files_in(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """The files below a folder that a function may use, in a fixed order."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED)
        for name in sorted(names):
            path = Path(where, name)
            if name.endswith(suffixes) and not name.startswith(".") and path.is_file():
                yield path


def text_of(content: bytes, name: str) -> str:
    """Decodes a file. Raises BuildError with the place of what is not UTF-8."""
    try:
        return content.decode().removeprefix("\N{BYTE ORDER MARK}")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        what = f"{name}:{line}:{column}: byte 0x{content[error.start]:02x} is not UTF-8"
        raise BuildError(what, hint="save the file as UTF-8") from error
