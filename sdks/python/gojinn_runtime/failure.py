"""What the function's exceptions look like: with the files and lines that its author knows."""

from __future__ import annotations

import sys
import traceback

OURS = ("gojinn_runtime/", "gojinn_sdk/", "python/importlib/", "<frozen ")
"""Frames of files that begin so are not shown."""
DEEPEST = 1_100
"""Frames that are looked at of a stack, the last ones: more than Python's own limit."""
LONGEST = 20_000
"""Characters that are shown of a report."""

NO_SOCKETS = "of what goes over sockets, a sandbox has HTTP alone"
NO_NATIVE = "a sandbox cannot load what is compiled for a machine"
NO_PROCESSES = "there are no other processes in a sandbox"
INSTEAD = {
    **dict.fromkeys(("ftplib", "imaplib", "poplib", "smtplib", "xmlrpc"), NO_SOCKETS),
    **dict.fromkeys(("ctypes", "mmap"), NO_NATIVE),
    **dict.fromkeys(("fcntl", "multiprocessing", "pty", "pwd", "resource", "termios"), NO_PROCESSES),
    "sqlite3": "use 'gojinn_sdk.sql', the database that the host has",
    **dict.fromkeys(("bz2", "lzma"), "of compressions Python here has 'zlib' and 'gzip'"),
}
"""What to do about modules of Python's that are not there."""

room = bytearray(1 << 20)
"""Memory to write a report in where there is none left."""


def told(error: BaseException, said: str = "") -> bytes:
    """Writes an exception for the log: what it says, then where that was."""
    room.clear()
    report = traceback.TracebackException.from_exception(error, limit=-DEEPEST, compact=True)
    hint = hinted(error)
    shorten(report)
    text = f"{said or str(report) or report.exc_type_str}\n{cut(''.join(report.format()).rstrip())}"
    if hint:
        text += f"\nhint: {hint}"
    return text.encode("utf-8", "backslashreplace")


def hinted(error: BaseException) -> str | None:
    """What to do about an error whose reason is that this is a sandbox."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        module = error.name.partition(".")[0].removeprefix("_")
        if module in INSTEAD:
            return INSTEAD[module]
        if {module, f"_{module}"} & sys.stdlib_module_names:
            return f"'{error.name}' is no part of Python in a sandbox"
        return f"add '{module}' to 'requirements.txt', if that is its package's name"
    if isinstance(error, FileNotFoundError) and "temporary directory" in str(error):
        return "add 'mount <folder> /tmp' to the function's block in the Caddyfile"
    return None


def cut(text: str) -> str:
    """Leaves the middle of a long report out: the ends tell where it began and what it is."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 2]}\n  …\n{text[-LONGEST // 2 :]}"


def shorten(report: traceback.TracebackException | None) -> None:
    """Leaves our own frames out, here and in what the error came from."""
    while report is not None:
        report.stack[:] = [frame for frame in report.stack if not frame.filename.startswith(OURS)]
        report = report.__cause__ or report.__context__


def complaint(name: str, source: bytes, error: Exception) -> str:
    """Writes what is wrong with a source in the form of compilers, with its line."""
    line, column, said, text = 1, 1, str(error), None
    if isinstance(error, SyntaxError) and error.lineno:
        line, column, said, text = error.lineno, max(error.offset or 1, 1), error.msg, error.text
    elif found := strange(source):
        at, said = found
        line, column = source.count(b"\n", 0, at) + 1, at - source.rfind(b"\n", 0, at)
    shown = f"\n  {text.rstrip()}\n  {' ' * (column - 1)}^" if text else ""
    return f"{name}:{line}:{column}: {said}{shown}"


def strange(source: bytes) -> tuple[int, str] | None:
    """Where there is a byte in a source that is none of a text, and what is to be said of it."""
    if (at := source.find(b"\0")) >= 0:
        return at, "a source cannot have NUL bytes"
    try:
        source.decode()
    except UnicodeDecodeError as error:
        return error.start, f"byte 0x{source[error.start]:02x} is not UTF-8"
    return None
