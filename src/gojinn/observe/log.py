"""The server's own log: constant messages with fields, one line each. Access logs are the edge's.

`get(name)` is free until something is logged: structlog is imported then, which takes longer than all the
rest of a start.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any, Literal

LEVELS = {"DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40}
METHODS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

DISCARD = "discard"
"""The name of an output that is none: who logs there makes no lines."""

Format = Literal["auto", "json", "console"]


class Settings:
    """How this process logs; there is one of it, as there is one stderr."""

    def __init__(self) -> None:
        self.set("auto", "INFO", "stderr", {})

    def set(self, format: Format, level: str, output: str, fields: dict[str, object]) -> None:
        """Replaces everything; the pipeline is built when the next line is logged."""
        self.format = format
        self.threshold = LEVELS[level]
        self.output = output
        self.fields = fields
        self.pipeline: Any = None

    def logger(self) -> Any:
        """Returns structlog's logger with this process's fields, building it on first use."""
        if self.pipeline is None:
            from gojinn.observe.pipeline import build

            self.pipeline = build(self.format, self.output).bind(**self.fields)
        return self.pipeline


settings = Settings()


def configure(format: Format = "auto", level: str = "INFO", output: str = "stderr", **fields: object) -> None:
    """Says how this process logs from now on.

    Args:
        format: `console` is for people, `json` for machines; `auto` is the former on a terminal.
        level: `DEBUG`, `INFO`, `WARN` or `ERROR`; what is below is dropped.
        output: `stderr`, `stdout`, `discard` or a file's path, which is appended to.
        fields: Stand in every line, such as the process's role.
    """
    settings.set(format, level, output, fields)


class Logger:
    """Logs under one name. Messages are constant lower-case phrases, what varies goes into fields."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def debug(self, message: str, **fields: object) -> None:
        """For who develops or hunts a fault."""
        self._log("debug", message, fields)

    def info(self, message: str, **fields: object) -> None:
        """Start, ready, reload, drain, stop."""
        self._log("info", message, fields)

    def warning(self, message: str, **fields: object) -> None:
        """Handled, but something is worse than it should be."""
        self._log("warning", message, fields)

    def error(self, message: str, **fields: object) -> None:
        """A human must act. `exc_info=error` adds a traceback."""
        self._log("error", message, fields)

    def _log(self, method: str, message: str, fields: dict[str, object]) -> None:
        if METHODS[method] >= settings.threshold and settings.output != DISCARD:
            with suppress(OSError):  # a full disk or a closed pipe must not fail what was about to be logged
                getattr(settings.logger(), method)(message, logger=self.name, **fields)


def get(name: str) -> Logger:
    """Returns the logger of a subsystem, such as `gojinn.edge`."""
    return Logger(name)


def is_terminal(output: str) -> bool:
    """Tells whether people read this output as it is written."""
    stream = {"stderr": sys.stderr, "stdout": sys.stdout}.get(output)
    return stream is not None and stream.isatty()
