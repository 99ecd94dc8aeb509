"""One file's text on its way to the lexer: decoded, environment filled in, positions kept. Knows no token."""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import NamedTuple

from gojinn.errors import ConfigError, Place

LARGEST = 16 * 1024 * 1024
"""Bytes that one file may have: far above any configuration, far below what would stall a start."""

VARIABLE = re.compile(r"\{\$([^}]+)\}")
BOM = "\ufeff"


class Edit(NamedTuple):
    """A piece of the written text that was replaced by an environment variable's value."""

    start: int
    """Offset in the resulting text."""
    end: int
    written_start: int
    """Offset in the text as written."""
    written_end: int


class Source:
    """The text of one file, its environment variables filled in, and where each part of it was written."""

    __slots__ = ("edits", "file", "lines", "starts", "text", "via")

    def __init__(
        self, text: str, file: str, env: Mapping[str, str] | None = None, via: tuple[Place, ...] = ()
    ) -> None:
        """Takes the text as written; without `env` variables stay as they are.

        Raises ConfigError for a NUL byte and for a variable that does not hold text.
        """
        written = text.removeprefix(BOM)
        self.file = file
        self.via = via
        lines = written.split("\n")
        self.starts = list(accumulate([len(line) + 1 for line in lines], initial=0))
        self.lines = [line.rstrip("\r") for line in lines] if "\r" in written else lines
        self.edits: list[Edit] = []
        self.text = written
        if "\0" in written:
            raise self.error(written.index("\0"), "NUL byte in the text", hint="save the file as plain UTF-8")
        if env is not None and "{$" in written:
            self.text = self.fill(written, env)

    def fill(self, written: str, env: Mapping[str, str]) -> str:
        """Replaces `{$NAME}` and `{$NAME:default}`; a missing variable without default is empty."""
        parts, at, length = [], 0, 0
        for found in VARIABLE.finditer(written):
            name, _, default = found[1].partition(":")
            value = env.get(name, default)
            if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
                message = f"environment variable '{name}' does not hold UTF-8 text"
                raise self.error(found.start(), message, hint=f"set '{name}' to plain text")
            start = length + found.start() - at
            parts += [written[at : found.start()], value]
            length, at = start + len(value), found.end()
            self.edits.append(Edit(start, length, found.start(), at))
        return "".join([*parts, written[at:]])

    def place(self, offset: int) -> Place:
        """Tells where the character at an offset of `text` was written."""
        if self.edits:
            offset = self.written(offset)
        line = bisect_right(self.starts, offset)
        return Place(self.file, line, offset - self.starts[line - 1] + 1, self.via)

    def written(self, offset: int) -> int:
        """Maps an offset of `text` to one of the text as written; inside a value to where its name stands."""
        index = bisect_right(self.edits, offset, key=lambda edit: edit.start) - 1
        if index < 0:
            return offset
        edit = self.edits[index]
        return edit.written_start if offset < edit.end else edit.written_end + offset - edit.end

    def error(self, offset: int, message: str, *, hint: str | None = None) -> ConfigError:
        """Makes the error that points at an offset of `text`."""
        place = self.place(offset)
        return ConfigError(message, place=place, source=self.lines[place.line - 1], hint=hint)


def read_text(path: str) -> str:
    """Reads one configuration file.

    Raises ConfigError when it is missing, not a file, too large or not UTF-8.
    """
    data = read_bytes(path)
    try:
        return data.decode()
    except UnicodeDecodeError as bad:
        line = data.count(b"\n", 0, bad.start) + 1
        start = data.rfind(b"\n", 0, bad.start) + 1
        col = len(data[start : bad.start].decode(errors="replace")) + 1
        source = data[start:].partition(b"\n")[0].decode(errors="replace")
        message = f"byte 0x{data[bad.start]:02x} is not UTF-8"
        hint = "save the file as UTF-8"
        raise ConfigError(message, place=Place(path, line, col), source=source, hint=hint) from bad


def read_bytes(path: str) -> bytes:
    """Reads a file of at most LARGEST bytes."""
    try:
        with open(path, "rb") as file:
            if stat.S_ISDIR(os.fstat(file.fileno()).st_mode):
                raise IsADirectoryError
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as bad:
        raise ConfigError(f"'{path}': {reason(bad)}") from bad
    if len(data) > LARGEST:
        raise ConfigError(f"'{path}' is larger than {LARGEST} bytes, expected a configuration")
    return data


def reason(bad: OSError | ValueError) -> str:
    """Says in lower case why a file could not be read."""
    if isinstance(bad, FileNotFoundError):
        return "no such file"
    if isinstance(bad, IsADirectoryError):
        return "is a directory, expected a file"
    return (getattr(bad, "strerror", None) or str(bad)).lower()
