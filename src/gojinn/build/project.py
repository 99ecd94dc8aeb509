"""A function's folder and its manifest `gojinn.toml`. Compiling it is the other modules'."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gojinn.errors import ConfigError, NotFound, Place

MANIFEST = "gojinn.toml"
SCRATCH = ".gojinn"
"""Folder inside a project for the compilers' caches and half-written output; never part of the sources."""

DEFAULT_STACK = 65_536
LARGEST = 1 << 20
"""Bytes of a manifest."""
LONGEST = 64
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Project:
    """What a manifest says, with paths made absolute. Nothing was looked up or compiled."""

    folder: Path
    name: str
    """What the function is called in messages; the folder's name, as far as it fits, unless it is said."""
    language: str
    """What it is written in; told by the folder's files unless it is said."""
    source: Path
    """The main file; for Go the package's folder. The language's usual one unless it is said."""
    output: Path
    """The module that a build writes, `build/<name>.wasm` unless it is said."""
    flags: tuple[str, ...] = ()
    """More arguments for the compiler, behind ours."""
    stack: int = DEFAULT_STACK
    """Bytes of stack (C, Rust, Zig; Go grows its own). A small stack makes every invocation start faster."""

    snapshot: bool = False
    """Whether the module prepares itself when it is built, so that each invocation begins after that (C, Go;
    see the guide to languages)."""

    @property
    def scratch(self) -> Path:
        """Folder for caches and temporary output, inside the project."""
        return self.folder / SCRATCH

    def near(self, path: Path) -> str:
        """A path as compilers are told it, so that they and the programs tell places from the folder on."""
        return os.path.relpath(path, self.folder)


Marks = Mapping[str, tuple[tuple[str, str], ...]]
"""Languages by name: files that tell of each, with what is `source` then."""


def read_project(folder: Path, languages: Marks) -> Project:
    """Reads `folder`'s manifest; without one, its files have to tell what it is.

    Raises:
        NotFound: There is neither a manifest nor a file that tells of a language.
        ConfigError: It is not TOML, or a value is missing, unknown or of the wrong kind; points at its line.
    """
    path = folder.resolve() / MANIFEST
    text = text_of(path)
    if text is None and not detect(path.parent, languages):
        hint = f"run 'gojinn init <name> --lang {'|'.join(languages)}' to start a function"
        raise NotFound(f"no {MANIFEST} in '{folder}'", hint=hint)
    return Manifest(path, text or "").project(languages)


def text_of(path: Path) -> str | None:
    """Reads a manifest; None where there is none. Raises ConfigError for what cannot be one."""
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"'{path}' is no file", hint=f"remove it, or make it a file: {MANIFEST}")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"reading '{path}': {(error.strerror or str(error)).lower()}") from error
    if len(content) > LARGEST:
        raise ConfigError(f"'{path}' has more than {LARGEST >> 10} KiB, expected a few lines of TOML")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise ConfigError(what, place=Place(str(path), line, 1), hint="save the file as UTF-8") from error


def detect(folder: Path, languages: Marks) -> dict[str, str]:
    """Tells languages by the files in a folder, each with what is `source` then."""
    found = {
        name: next((source for file, source in marks if (folder / file).exists()), None)
        for name, marks in languages.items()
    }
    return {name: source for name, source in found.items() if source is not None}


def name_of(folder: Path) -> str:
    """A function's name after its folder's, without what a name cannot have."""
    plain = unicodedata.normalize("NFKD", folder.name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.]+", "-", plain).strip("-_.")[:LONGEST] or "function"


def projects_below(folder: Path) -> Iterator[Path]:
    """Yields every folder with a manifest in order, `folder` itself included, hidden ones left out."""
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if MANIFEST in files:
            yield Path(where)


class Manifest:
    """One manifest's text while it is checked: knows the line of each key for its errors."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()
        try:
            self.values: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self.syntax_error(str(error)) from error

    def project(self, languages: Marks) -> Project:
        """Checks every value and makes the project of them."""
        self.refuse_unknown()
        folder = self.path.parent
        self.values = {"name": name_of(folder), **self.values}
        self.complete(languages)
        name = self.matching("name", r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", "letters, digits, '-', '_' and '.'")
        self.values = {"output": f"build/{name}.wasm", **self.values}
        return Project(
            folder=folder,
            name=name,
            language=self.language(languages),
            source=folder / self.text("source"),
            output=folder / self.matching("output", r".+\.wasm", "a file name that ends in '.wasm'"),
            flags=self.flags(),
            stack=self.stack(),
            snapshot=self.snapshot(),
        )

    def complete(self, languages: Marks) -> None:
        """Adds the language that the files tell of, and its usual source."""
        told = self.values.get("language")
        if told is None:
            found = detect(self.path.parent, languages)
        elif isinstance(told, str) and told in languages:
            found = detect(self.path.parent, {told: languages[told]}) or {told: languages[told][0][1]}
        else:
            return
        if len(found) > 1:
            wanted = " or ".join(f"'language = \"{name}\"'" for name in found)
            what = f"the files in '{self.path.parent}' are of several languages: {', '.join(found)}"
            raise self.error("language", what, f"write {wanted} into '{self.path}'")
        for language, source in found.items():
            self.values = {"language": language, "source": source, **self.values}

    def refuse_unknown(self) -> None:
        known = ("name", "language", "source", "output", "flags", "stack", "snapshot")
        for key in self.values:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(known)}"
                raise self.error(key, f"unknown key '{key}'", hint)

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if not isinstance(value, str) or not value:
            raise self.error(key, f"'{key}' is {self.shown(key)}, expected a text in quotes")
        return value

    def matching(self, key: str, pattern: str, expected: str) -> str:
        value = self.text(key)
        if not re.fullmatch(pattern, value):
            raise self.error(key, f"'{key}' is '{value}', expected {expected}")
        return value

    def language(self, languages: Marks) -> str:
        value = self.text("language")
        if value not in languages:
            raise self.error("language", f"unknown language '{value}'", f"use one of: {', '.join(languages)}")
        return value

    def flags(self) -> tuple[str, ...]:
        value = self.values.get("flags", [])
        if not isinstance(value, list) or not all(isinstance(flag, str) for flag in value):
            raise self.error("flags", f"'flags' is {self.shown('flags')}, expected a list of texts")
        return tuple(value)

    def stack(self) -> int:
        value = self.values.get("stack", DEFAULT_STACK)
        fits = isinstance(value, int) and not isinstance(value, bool) and 4096 <= value <= 1 << 30
        if not fits or value % 16:
            raise self.error(
                "stack", f"'stack' is {self.shown('stack')}, expected bytes, a multiple of 16 from 4096 on"
            )
        return int(value)

    def snapshot(self) -> bool:
        value = self.values.get("snapshot", False)
        if not isinstance(value, bool):
            raise self.error("snapshot", f"'snapshot' is {self.shown('snapshot')}, expected true or false")
        return value

    def shown(self, key: str) -> str:
        return "missing" if key not in self.values else repr(self.values[key])

    def error(self, key: str, message: str, hint: str | None = None) -> ConfigError:
        """Makes the error that points at the key's line, or at the file's start for a missing key."""
        for number, line in enumerate(self.lines, 1):
            if re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]|\s*\[+\s*{re.escape(key)}\b""", line):
                col = len(line) - len(line.lstrip()) + 1
                place = Place(str(self.path), number, col)
                return ConfigError(message, place=place, source=line, hint=hint)
        return ConfigError(message, place=Place(str(self.path), 1, 1), hint=hint)

    def syntax_error(self, message: str) -> ConfigError:
        """Makes a positioned error of the TOML reader's, which tells the position in its text only."""
        found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message, re.DOTALL)
        if found is None:
            last = max(len(self.lines), 1)
            return ConfigError(message.lower(), place=Place(str(self.path), last, 1))
        line, col = int(found[2]), int(found[3])
        source = self.lines[line - 1] if line <= len(self.lines) else None
        reason = found[1][:1].lower() + found[1][1:]
        return ConfigError(reason, place=Place(str(self.path), line, col), source=source)
