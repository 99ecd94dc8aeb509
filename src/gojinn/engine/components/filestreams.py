"""Streams over files. Where a component has mounts, each call of a stream may be about one of these, and is
then served here; what is in memory is still `streams`', or the native library's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from gojinn.engine.components.descriptors import PIECE, Descriptor
from gojinn.engine.components.errnos import name_of
from gojinn.engine.components.link import PENDING, ComponentFunction
from gojinn.engine.components.resources import Guest, GuestTrap, Kind, Opened
from gojinn.engine.components.streams import CLOSED, INTERFACES, narrowed
from gojinn.engine.components.values import Case, Err

QUICK: Final = {name: each for interface in INTERFACES for name, each in interface.functions.items()}


class FileInput(Opened):
    """A stream to read a file from."""

    __slots__ = ("at", "file")

    def __init__(self, file: Descriptor, at: int) -> None:
        self.file = file
        self.at = at
        file.held.used()

    def dropped(self) -> None:
        self.file.held.dropped()


class FileOutput(Opened):
    """A stream to write a file to."""

    __slots__ = ("at", "file")

    def __init__(self, file: Descriptor, at: int | None) -> None:
        self.file = file
        self.at = at
        """None behind the file's end, wherever that is."""
        file.held.used()

    def dropped(self) -> None:
        self.file.held.dropped()

    def write(self, data: bytes) -> None:
        """Writes all of it. Raises OSError."""
        if self.at is None:
            self.file.append(data)
        else:
            self.at += self.file.write(data, self.at)


@dataclass(slots=True)
class FileError(Opened):
    """Why a stream failed."""

    code: str
    text: str


async def piece_of(guest: Guest, file: Descriptor, length: int, offset: int) -> bytes:
    """What stands in a file at an offset, at most a piece. Raises OSError."""
    found = file.read_at_once(length, offset)
    if found is None:
        found = await guest.session.run(file.read, length, offset)
    return found


def failed(guest: Guest, error: OSError) -> Err:
    """Has a stream's call fail."""
    why = FileError(name_of(error), (error.strerror or str(error)).lower())
    return Err(Case("last-operation-failed", guest.own(why, Kind.ERROR)))


async def read(guest: Guest, rep: int, length: int) -> bytes | Err:
    """Reads on; closed at the file's end."""
    stream = guest.at(rep, FileInput)
    try:
        piece = await piece_of(guest, stream.file, length, stream.at)
    except OSError as error:
        return failed(guest, error)
    stream.at += len(piece)
    return piece if piece or not length else CLOSED


async def skip(guest: Guest, rep: int, length: int) -> int | Err:
    """Reads on for nothing."""
    piece = await read(guest, rep, length)
    return piece if isinstance(piece, Err) else len(piece)


async def write(guest: Guest, rep: int, data: bytes) -> Err | None:
    """Writes on, to the end."""
    stream = guest.at(rep, FileOutput)
    try:
        await guest.session.run(stream.write, data)
    except OSError as error:
        return failed(guest, error)
    return None


async def write_latin1(guest: Guest, rep: int, text: str) -> Err | None:
    """Writes the bytes that are a string's characters."""
    return await write(guest, rep, narrowed(text))


async def write_zeroes(guest: Guest, rep: int, length: int) -> Err | None:
    """Writes bytes of 0."""
    if length > PIECE:
        raise GuestTrap(f"{length} zeroes written at once, expected at most {PIECE}")
    return await write(guest, rep, bytes(length))


async def splice(guest: Guest, rep: int, source: int, length: int) -> int | Err:
    """Moves bytes from one stream to another, of which one at least is a file's."""
    from_file = isinstance(guest.thing(source), FileInput)
    piece = await read(guest, source, length) if from_file else guest.pull(source, length)
    if isinstance(piece, Err):
        return piece
    if not isinstance(guest.thing(rep), FileOutput):
        guest.push(rep, piece)
    elif (problem := await write(guest, rep, piece)) is not None:
        return problem
    return len(piece)


async def debug_string(guest: Guest, rep: int) -> str:
    """What to tell people of an error."""
    return guest.at(rep, FileError).text


def either(interface: str, name: str, call: Callable[..., Any], streams: int = 1) -> ComponentFunction:
    """A function that is served here where one of its first arguments is a file's."""
    quick = QUICK[name]

    def at_once(guest: Guest, *given: Any) -> Any:
        if any(isinstance(guest.thing(rep), Opened) for rep in given[:streams]):
            return PENDING
        return quick.call(guest, *given)

    return ComponentFunction(interface, name, call, quick.answer, at_once)


def stream(name: str, call: Callable[..., Any], streams: int = 1) -> ComponentFunction:
    return either("wasi:io/streams", f"[method]{name}", call, streams)


FUNCTIONS: Final = (
    # in the order of `operation` in native/component.h
    stream("input-stream.read", read),
    stream("input-stream.skip", skip),
    stream("output-stream.write", write),
    stream("output-stream.write-zeroes", write_zeroes),
    stream("output-stream.splice", splice, 2),
    either("wasi:io/error", "[method]error.to-debug-string", debug_string),
    stream("input-stream.read-latin1", read),
    stream("output-stream.write-latin1", write_latin1),
    # and those that the library takes for the same
    stream("input-stream.blocking-read", read),
    stream("input-stream.blocking-read-latin1", read),
    stream("input-stream.blocking-skip", skip),
    stream("output-stream.blocking-write-and-flush", write),
    stream("output-stream.blocking-write-and-flush-latin1", write_latin1),
    stream("output-stream.blocking-write-zeroes-and-flush", write_zeroes),
    stream("output-stream.blocking-splice", splice, 2),
)
