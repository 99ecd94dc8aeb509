"""Streams over files. What a guest calls is `opened`'s."""

from __future__ import annotations

from gojinn.engine.components.descriptors import Descriptor
from gojinn.engine.components.errnos import name_of
from gojinn.engine.components.opened import OpenedError, OpenedInput, OpenedOutput, failed
from gojinn.engine.components.resources import Guest
from gojinn.engine.components.streams import CLOSED
from gojinn.engine.components.values import Err


class FileInput(OpenedInput):
    """A stream to read a file from."""

    __slots__ = ("at", "file")

    def __init__(self, file: Descriptor, at: int) -> None:
        self.file = file
        self.at = at
        file.held.used()

    def dropped(self) -> None:
        self.file.held.dropped()

    async def read(self, guest: Guest, length: int) -> bytes | Err:
        try:
            piece = await piece_of(guest, self.file, length, self.at)
        except OSError as error:
            return failed(guest, FileError(error))
        self.at += len(piece)
        return piece if piece or not length else CLOSED


class FileOutput(OpenedOutput):
    """A stream to write a file to."""

    __slots__ = ("at", "file")

    def __init__(self, file: Descriptor, at: int | None) -> None:
        self.file = file
        self.at = at
        """None behind the file's end, wherever that is."""
        file.held.used()

    def dropped(self) -> None:
        self.file.held.dropped()

    async def write(self, guest: Guest, data: bytes) -> Err | None:
        try:
            await guest.session.run(self.append, data)
        except OSError as error:
            return failed(guest, FileError(error))
        return None

    def append(self, data: bytes) -> None:
        """Writes all of it. Raises OSError."""
        if self.at is None:
            self.file.append(data)
        else:
            self.at += self.file.write(data, self.at)


class FileError(OpenedError):
    """Why a stream over a file failed."""

    __slots__ = ("code",)

    def __init__(self, error: OSError) -> None:
        super().__init__((error.strerror or str(error)).lower())
        self.code = name_of(error)


async def piece_of(guest: Guest, file: Descriptor, length: int, offset: int) -> bytes:
    """What stands in a file at an offset, at most a piece. Raises OSError."""
    found = file.read_at_once(length, offset)
    if found is None:
        found = await guest.session.run(file.read, length, offset)
    return found
