"""The one tree of errors. Nothing here renders, logs or exits: the boundary that decides does that.

Wording: lower case start, no full stop, user input in '…', what was given and what was expected;
`hint` starts with a verb and is a separate field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN_ERRORS = 20
"""Errors that one report shows in full."""
SHOWN_WIDTH = 160
"""Characters of a source line that a report shows, around the caret."""
LONGEST_MESSAGE = 1000
"""Characters of a config error's message: it quotes what a file holds, which may be anything."""


def clip(text: str, width: int = 80) -> str:
    """Shortens what a user gave to what fits a message."""
    return text if len(text) <= width else text[: width - 1] + "…"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file. `line` and `col` count from 1; `via` lists the importing places."""

    file: str
    line: int
    col: int
    via: tuple[Place, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


class GojinnError(Exception):
    """Root of everything this project raises on purpose.

    `code` is stable and public (problem details, JSON logs), `status` is the HTTP status it maps to and
    `exit_code` the CLI's.
    """

    code = "error"
    status = 500
    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def members(self) -> dict[str, str]:
        """Further public facts that problem details show beside the message."""
        return {}


class ConfigError(GojinnError):
    """The configuration is wrong at `place`. `source` is that line's text, for the caret."""

    code = "config"
    exit_code = 3

    def __init__(
        self, message: str, *, place: Place | None = None, source: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(clip(message, LONGEST_MESSAGE), hint=clip(hint, LONGEST_MESSAGE) if hint else None)
        self.place = place
        self.source = source

    def __str__(self) -> str:
        return self.message if self.place is None else f"{self.place}: {self.message}"

    def render(self) -> str:
        """The whole report: `file:line:col: message`, the import chain, the line with a caret, the hint."""
        lines = [str(self)]
        if self.place is not None:
            lines += [f"  imported at {via}" for via in self.place.via]
            if self.source is not None:
                gutter = f"  {self.place.line} | "
                start = max(0, self.place.col - 1 - SHOWN_WIDTH // 2) if len(self.source) > SHOWN_WIDTH else 0
                lead = "".join("\t" if c == "\t" else " " for c in self.source[start : self.place.col - 1])
                shown = self.source[start : start + SHOWN_WIDTH]
                lines += [gutter + shown, " " * (len(gutter) - 2) + "| " + lead + "^"]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class ConfigErrors(ConfigError):
    """Several things are wrong at once. Reads as the first of them; `render` shows all."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        first = errors[0]
        super().__init__(first.message, place=first.place, source=first.source, hint=first.hint)
        self.errors = tuple(errors)

    def __reduce__(self) -> tuple[type[ConfigErrors], tuple[tuple[ConfigError, ...]]]:
        return ConfigErrors, (self.errors,)

    def render(self) -> str:
        """The reports of all errors, and how many there are."""
        reports = [error.render() for error in self.errors[:SHOWN_ERRORS]]
        more = len(self.errors) - len(reports)
        count = f"{len(self.errors)} errors" + (f", {more} of them not shown" if more else "")
        return "\n\n".join([*reports, count])


class ModuleError(ConfigError):
    """A WebAssembly module cannot be loaded: not one, refused by the compiler, or an import not granted."""

    code = "module"


class StartError(GojinnError):
    """The configuration is right but the world is not: a port in use, a child that never gets ready."""

    code = "start"
    exit_code = 4


class UsageError(GojinnError):
    """The command line is wrong."""

    code = "usage"
    exit_code = 2


class BuildError(GojinnError):
    """A function does not build: its compiler is missing or refuses the source. `output` is what it said."""

    code = "build"

    def __init__(self, message: str, *, output: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.output = output


class NotFound(GojinnError):
    """What was named does not exist."""

    code = "not-found"
    status = 404


class BadRequest(GojinnError):
    """What was asked for cannot be right, whatever the state of things: an empty key, a time below zero."""

    code = "bad-request"
    status = 400


class WrongMethod(GojinnError):
    """A request has a method that its path does not know."""

    code = "method"
    status = 405


class Denied(GojinnError):
    """The caller may not do this; the hint names the directive that would allow it."""

    code = "denied"
    status = 403


class Unauthorized(GojinnError):
    """No key, or one that nobody holds."""

    code = "unauthorized"
    status = 401


class LimitExceeded(GojinnError):
    """A stated limit was passed by the caller (body size, header size)."""

    code = "limit"
    status = 413


class Unavailable(GojinnError):
    """Nothing is free to serve this now; trying again later is right."""

    code = "unavailable"
    status = 503


class Conflict(GojinnError):
    """Somebody else was first: what was to be changed is no longer as it was expected to be."""

    code = "conflict"
    status = 409


class FabricError(GojinnError):
    """NATS refused a request of ours, for a reason that none of the other errors stands for."""

    code = "fabric"
    status = 502


class DeadlineExceeded(GojinnError):
    """The time given is over."""

    code = "timeout"
    status = 504


class FunctionError(GojinnError):
    """An invocation failed by the function's own doing, and `reason` says why in one stable word.

    The message is public: it never holds what the guest wrote, had in memory or was given as a secret.
    """

    code = "function"
    status = 502

    def __init__(self, message: str, *, function: str, reason: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.function = function
        self.reason = reason

    @property
    def members(self) -> dict[str, str]:
        return {"function": self.function, "reason": self.reason}


class FunctionTimeout(FunctionError):
    """An invocation ran past its timeout."""

    code = "timeout"
    status = 504


class BugError(GojinnError):
    """Our own fault: an invariant of Gojinn does not hold."""

    code = "bug"
