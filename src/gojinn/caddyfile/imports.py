"""What an `import` names and brings in: files of a pattern, a snippet's lines, arguments. Parses no block."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from glob import glob

from gojinn.caddyfile.braces import opens_block
from gojinn.caddyfile.lexer import Line
from gojinn.caddyfile.tree import Word
from gojinn.errors import ConfigError, Place

ARGUMENT = re.compile(r"\{args(?:\.(\d{1,9})|\[(\d{1,9})\])\}", re.ASCII)
"""One argument: `{args[0]}`, or `{args.0}` as older files have it."""
ARGUMENTS = re.compile(r"\{args\[(\d{0,9}):(\d{0,9})\]\}", re.ASCII)
"""A run of arguments, each a word of its own: `{args[:]}`, `{args[1:]}`; only as a whole word."""
LEFT_OVER = re.compile(r"\{args(?:\.\d+|\[[\d:]*\])\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Import:
    """One `import` line."""

    target: Word
    """The name of a snippet, or a path or pattern of files."""
    args: tuple[Word, ...]
    via: tuple[Place, ...]
    """Its own place and those that brought it in, for whatever it brings in."""

    def unreadable(self, bad: ConfigError) -> ConfigError:
        """Makes the error for a file that cannot be read; one with a place inside of the file keeps it."""
        if bad.place is None:
            return self.target.error(f"importing {bad.message}", hint=bad.hint)
        place = Place(bad.place.file, bad.place.line, bad.place.col, self.via)
        return ConfigError(bad.message, place=place, source=bad.source, hint=bad.hint)


def is_import(line: Line) -> bool:
    """Tells whether a line is an import."""
    return line[0].text == "import" and not line[0].quoted


def read_import(line: Line) -> Import:
    """Reads an import line. Raises ConfigError when it names nothing, or has a block."""
    if opens_block(line):
        raise line[-1].error("'import' takes no block", hint="write 'import <snippet or file> <argument>…'")
    if len(line) < 2 or not line[1].text:
        raise line[0].error("'import' needs the name of a snippet or a file")
    place = line[0].place
    return Import(line[1], tuple(line[2:]), (Place(place.file, place.line, place.col), *place.via))


def replay(lines: Sequence[Line], wanted: Import) -> list[Line]:
    """Copies lines for one import: with its chain, and the arguments that `{args…}` asks for in place."""
    copied = [[copy for word in line for copy in replay_word(word, wanted)] for line in lines]
    return [line for line in copied if line]


def replay_word(word: Word, wanted: Import) -> list[Word]:
    """Copies one word; a run of arguments makes several of it, or none."""
    place = Place(word.place.file, word.place.line, word.place.col, wanted.via)
    if "{args" not in word.text or not wanted.args:
        return [Word(word.text, place, word.source, word.quoted)]
    run = ARGUMENTS.fullmatch(word.text)
    if run is not None:
        args = wanted.args[int(run[1] or 0) : int(run[2]) if run[2] else None]
        return [Word(arg.text, place, word.source, True) for arg in args]

    def value(found: re.Match[str]) -> str:
        index = int(found[1] or found[2])
        return wanted.args[index].text if index < len(wanted.args) else found[0]

    text = ARGUMENT.sub(value, word.text)
    return [Word(text, place, word.source, word.quoted or text != word.text)]


def check_arguments(word: Word) -> None:
    """Raises ConfigError when a word still asks for an argument of an import."""
    found = LEFT_OVER.search(word.text)
    if found is None:
        return
    inside = "give the import one more argument"
    outside = "use it in a snippet '(name) { … }' or an imported file"
    raise word.error(f"'{found[0]}' has no value", hint=inside if word.place.via else outside)


def matching_files(target: Word) -> list[str]:
    """Finds the files that an import names, relative to the file that it stands in; sorted.

    A pattern that matches nothing is no error. Raises ConfigError for a missing file, and for a pattern with
    more than one wildcard: matching many of them can take for ever.
    """
    pattern = os.path.join(os.path.dirname(target.place.file), target.text)
    if not any(char in target.text for char in "*?["):
        if not os.path.lexists(pattern):
            hint = f"define the snippet '({target.text})' above, or create the file"
            raise target.error(f"no snippet and no file '{target.text}' to import", hint=hint)
        return [pattern]
    if target.text.count("*") > 1 or target.text.count("?") > 1 or "[" in target.text:
        raise target.error(f"pattern '{target.text}' has more than one wildcard", hint="use a single '*'")
    return sorted(glob(pattern))
