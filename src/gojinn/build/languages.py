"""The guest languages that can be built here. Adding one is adding its file and its line in the tuple."""

from __future__ import annotations

from pathlib import Path

from gojinn.build import assemblyscript, c, cpp, go, lua, perl, php, ruby, rust, zig
from gojinn.build.csharp.language import LANGUAGE as CSHARP
from gojinn.build.js.language import JAVASCRIPT, TYPESCRIPT
from gojinn.build.language import Language
from gojinn.build.project import Project, read_project
from gojinn.build.python.language import LANGUAGE as PYTHON

LANGUAGES: tuple[Language, ...] = (
    assemblyscript.LANGUAGE,
    c.LANGUAGE,
    cpp.LANGUAGE,
    CSHARP,
    go.LANGUAGE,
    JAVASCRIPT,
    lua.LANGUAGE,
    perl.LANGUAGE,
    php.LANGUAGE,
    PYTHON,
    ruby.LANGUAGE,
    rust.LANGUAGE,
    TYPESCRIPT,
    zig.LANGUAGE,
)


def names() -> tuple[str, ...]:
    """Returns the languages' names, as `--lang` takes them."""
    return tuple(language.name for language in LANGUAGES)


def read(folder: Path) -> Project:
    """Reads a function's manifest, or sees by its files what it is; see `read_project` for what it raises."""
    return read_project(folder, {each.name: each.marks for each in LANGUAGES})


def language(name: str) -> Language:
    """Finds a language by its name. Raises KeyError: names are checked where they are read."""
    return {language.name: language for language in LANGUAGES}[name]
