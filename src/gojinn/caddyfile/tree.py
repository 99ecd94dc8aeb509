"""What the parser makes of a Caddyfile: words, directives, arguments and blocks. Reads no text itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from gojinn.errors import ConfigError, Place, clip


@dataclass(frozen=True, slots=True)
class Word:
    """One token after quotes, escapes, environment and snippet arguments have been resolved."""

    text: str
    place: Place
    source: str
    """The line it stands on, as written: for the caret of an error."""
    quoted: bool = False
    """Whether it was written in quotes, backticks or a heredoc (so `"{"` is text, not a block)."""

    def error(self, message: str, *, hint: str | None = None) -> ConfigError:
        """Makes the error that points at this word."""
        return ConfigError(message, place=self.place, source=self.source, hint=hint)


@dataclass(frozen=True, slots=True)
class Node:
    """One directive or sub-directive: `name args… { block }`. `block` is None without braces."""

    name: Word
    args: tuple[Word, ...] = ()
    block: tuple[Node, ...] | None = None
    matcher: Word | None = None
    """What stood before `args` and was taken for a matcher."""

    @property
    def text(self) -> str:
        """The directive's name."""
        return self.name.text

    def error(self, message: str, *, hint: str | None = None) -> ConfigError:
        """Makes the error that points at this directive's name."""
        return self.name.error(message, hint=hint)

    def wrong_args(self, expected: str) -> ConfigError:
        """Makes the error for a wrong number or kind of arguments; `expected` shows the right form."""
        given = f"'{clip(' '.join(word.text for word in self.args))}'" if self.args else "nothing"
        at = self.args[-1] if self.args else self.name
        hint = None
        if not self.args and self.matcher is not None and self.matcher.text.startswith("/"):
            path = clip(self.matcher.text)
            hint = f"write '{self.text} * {path}' where '{path}' is no matcher"
        return at.error(f"wrong arguments for '{self.text}': given {given}, expected {expected}", hint=hint)

    def duplicate(self, first: Node) -> ConfigError:
        """Makes the error for a directive that may stand only once."""
        return self.error(
            f"'{self.text}' is given twice, first at line {first.name.place.line}", hint="remove one of them"
        )

    def unknown(self, inside: str, valid: Iterable[str], *, kind: str = "") -> ConfigError:
        """Makes the error for a (sub-)directive that nothing knows, with a suggestion when one is near."""
        names = sorted(valid)
        near = get_close_matches(self.text, names, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(names)}" if names else None
        kind = kind or ("directive" if inside == "" else "subdirective")
        where = f" in '{inside}'" if inside else ""
        return self.error(f"unknown {kind} '{clip(self.text)}'{where}", hint=hint)

    def one(self, expected: str) -> Word:
        """Returns the single argument; raises ConfigError showing `expected` otherwise."""
        if len(self.args) != 1:
            raise self.wrong_args(expected)
        return self.args[0]


@dataclass(frozen=True, slots=True)
class ServerBlock:
    """One top-level block: its keys (site addresses) and what stands in it."""

    keys: tuple[Word, ...]
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed Caddyfile with its imports resolved."""

    options: tuple[Node, ...] = ()
    """The nodes of the global options block."""
    blocks: tuple[ServerBlock, ...] = ()
    files: tuple[str, ...] = field(default=())
    """Every file that was read, the main one first: what `--watch` watches."""
