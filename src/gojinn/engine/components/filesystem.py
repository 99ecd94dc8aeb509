"""`wasi:filesystem` for components with mounts: what a guest may call, and how it is answered. What is then
done to files is `descriptors`'; streams over them are `filestreams`'.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import Any, Final

from gojinn.engine.components.beneath import NOW, OMIT, Denied
from gojinn.engine.components.descriptors import Descriptor, readable
from gojinn.engine.components.errnos import name_of
from gojinn.engine.components.filestreams import FileError, FileInput, FileOutput, piece_of
from gojinn.engine.components.link import ComponentFunction
from gojinn.engine.components.listing import Entries, kind
from gojinn.engine.components.opened import OpenedError
from gojinn.engine.components.resources import Guest, Kind
from gojinn.engine.components.values import (
    BOOL,
    U32,
    U64,
    Case,
    Err,
    Write,
    enum,
    flags,
    listing,
    octets,
    option,
    own,
    pair,
    record,
    result,
    scalar,
    string,
)

NANOSECONDS: Final = 1_000_000_000
TYPES: Final = "wasi:filesystem/types"

u64 = scalar(U64)
datetime = record(seconds=u64, nanoseconds=scalar(U32))
description = record(
    **{
        "type": enum,
        "link-count": u64,
        "size": u64,
        "data-access-timestamp": option(datetime),
        "data-modification-timestamp": option(datetime),
        "status-change-timestamp": option(datetime),
    }
)
entry = record(type=enum, name=string)
hash_value = record(lower=u64, upper=u64)


def time_of(nanoseconds: int) -> tuple[int, int] | None:
    """A `datetime`; none for what was before 1970, which it cannot express."""
    return divmod(nanoseconds, NANOSECONDS) if nanoseconds >= 0 else None


def described(found: os.stat_result) -> tuple[Any, ...]:
    """A `descriptor-stat`."""
    times = (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns)
    return kind(found.st_mode), found.st_nlink, found.st_size, *map(time_of, times)


def hashed(found: os.stat_result) -> tuple[int, int]:
    """A `metadata-hash-value`: it tells files apart, and not which those are."""
    digest = hashlib.blake2b(f"{found.st_dev} {found.st_ino}".encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def moment(given: Case) -> tuple[int, int]:
    """A `new-timestamp` as the system takes it. Raises OSError for what is no time."""
    if given.name == "timestamp":
        seconds, nanoseconds = given.value
        if seconds >= 1 << 63 or nanoseconds >= NANOSECONDS:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return seconds, nanoseconds
    return 0, NOW if given.name == "now" else OMIT


def follows(path_flags: Any) -> bool:
    """Whether a link at a path's end is followed."""
    return "symlink-follow" in path_flags


class Wait(Enum):
    """Whether a call has to wait for the disk. That is done in a thread."""

    NEVER = 0
    MAYBE = 1
    """What is in memory can be had with `at_once`."""
    ALWAYS = 2


async def answer(guest: Guest, name: str, wait: Wait, work: Callable[..., Any], *given: Any) -> Any:
    """What a call came to: its value or the error's name. The first argument is the descriptor."""
    try:
        if wait is Wait.NEVER:
            return work(*given)
        if wait is Wait.MAYBE and given[0].local and guest.session.books.tidy():
            with suppress(BlockingIOError):
                return work(*given, at_once=True)
        return await guest.session.run(work, *given)
    except OSError as error:
        if isinstance(error, Denied):
            guest.session.note(name.replace("metadata-hash", "stat"))
        return Err(name_of(error))


def method(
    name: str, work: Callable[..., Any], ok: Write | None = None, wait: Wait = Wait.ALWAYS
) -> ComponentFunction:
    """A method of descriptors that does `work(descriptor, …)`."""

    async def call(guest: Guest, rep: int, *given: Any) -> Any:
        return await answer(guest, name, wait, work, guest.at(rep, Descriptor), *given)

    return ComponentFunction(TYPES, f"[method]descriptor.{name}", call, result(ok, enum))


def giving(name: str, kind: Kind, work: Callable[..., Any], wait: Wait) -> ComponentFunction:
    """One whose answer is something that the guest has from then on."""

    async def call(guest: Guest, rep: int, *given: Any) -> Any:
        made = await answer(guest, name, wait, work, guest.at(rep, Descriptor), *given)
        return made if isinstance(made, Err) else guest.own(made, kind)

    return ComponentFunction(TYPES, f"[method]descriptor.{name}", call, result(own, enum))


def checked_file(descriptor: Descriptor, *_: Any) -> None:
    """Raises OSError for a folder."""
    descriptor.as_file()


def input_at(descriptor: Descriptor, offset: int) -> FileInput:
    """Reads a file from an offset on."""
    descriptor.as_file()
    return FileInput(descriptor, offset)


def output_at(descriptor: Descriptor, offset: int | None = None) -> FileOutput:
    """Writes to a file from an offset on, or behind its end."""
    descriptor.as_file()
    descriptor.changing()
    return FileOutput(descriptor, offset)


async def read(guest: Guest, rep: int, length: int, offset: int) -> Any:
    """Reads from a file, and tells whether that was its end."""
    try:
        piece = await piece_of(guest, guest.at(rep, Descriptor), length, offset)
    except OSError as error:
        return Err(name_of(error))
    return piece, not piece and length > 0


async def link_at(guest: Guest, rep: int, how: Any, path: str, folder: int, new: str) -> Any:
    """Gives something another name."""
    source, target = guest.at(rep, Descriptor), guest.at(folder, Descriptor)
    return await answer(guest, "link-at", Wait.ALWAYS, source.link_at, follows(how), path, target, new)


async def rename_at(guest: Guest, rep: int, path: str, folder: int, new: str) -> Any:
    """Moves something."""
    source, target = guest.at(rep, Descriptor), guest.at(folder, Descriptor)
    return await answer(guest, "rename-at", Wait.ALWAYS, source.rename_at, path, target, new)


async def is_same_object(guest: Guest, rep: int, other: int) -> bool:
    """Whether two descriptors are of the same file."""
    one, two = guest.at(rep, Descriptor), guest.at(other, Descriptor)
    if one.held is two.held:
        return True
    same: bool = await guest.session.run(lambda: os.path.samestat(one.stat(), two.stat()))
    return same


async def read_directory_entry(guest: Guest, rep: int) -> Any:
    """The next entry of a folder, or none. One with a name that is no text is an error, those behind it are
    not."""
    entries = guest.at(rep, Entries)
    try:
        if not entries.next and not entries.ended:
            await guest.session.run(entries.more)
        if not entries.next:
            return None
        found = entries.next.pop()
        return found.kind, readable(found.name)
    except OSError as error:
        return Err(name_of(error))


async def get_directories(guest: Guest) -> Any:
    """The mounts."""
    return [(guest.own(each, Kind.DESCRIPTOR), name) for each, name in await guest.session.preopens()]


async def error_code(guest: Guest, rep: int) -> str | None:
    """Why a stream failed, if it is a file's."""
    found = guest.at(rep, OpenedError)
    return found.code if isinstance(found, FileError) else None


def open_at(
    descriptor: Descriptor, how: Any, path: str, opening: Any, wanted: Any, *, at_once: bool = False
) -> Descriptor:
    given = path, follows(how), frozenset(opening), frozenset(wanted)
    return descriptor.open_at(*given, at_once=at_once)


def stat(descriptor: Descriptor, *, at_once: bool = False) -> tuple[Any, ...]:
    return described(descriptor.stat(at_once=at_once))


def stat_at(descriptor: Descriptor, how: Any, path: str, *, at_once: bool = False) -> tuple[Any, ...]:
    return described(descriptor.stat_at(path, follows(how), at_once=at_once))


def hash_of(descriptor: Descriptor, *, at_once: bool = False) -> tuple[int, int]:
    return hashed(descriptor.stat(at_once=at_once))


def hash_at(descriptor: Descriptor, how: Any, path: str, *, at_once: bool = False) -> tuple[int, int]:
    return hashed(descriptor.stat_at(path, follows(how), at_once=at_once))


def times(descriptor: Descriptor, *given: Case) -> None:
    descriptor.set_times((moment(given[0]), moment(given[1])))


def times_at(descriptor: Descriptor, how: Any, path: str, *given: Case) -> None:
    descriptor.set_times_at(path, follows(how), (moment(given[0]), moment(given[1])))


FUNCTIONS: Final = (
    ComponentFunction(
        "wasi:filesystem/preopens", "get-directories", get_directories, listing(pair(own, string))
    ),
    ComponentFunction(TYPES, "filesystem-error-code", error_code, option(enum)),
    giving("read-via-stream", Kind.INPUT, input_at, Wait.NEVER),
    giving("write-via-stream", Kind.OUTPUT, output_at, Wait.NEVER),
    giving("append-via-stream", Kind.OUTPUT, output_at, Wait.NEVER),
    method("advise", checked_file, wait=Wait.NEVER),
    method("sync-data", Descriptor.sync_data),
    method("get-flags", lambda descriptor: descriptor.flags, flags, Wait.NEVER),
    method("get-type", Descriptor.kind, enum, Wait.NEVER),
    method("set-size", Descriptor.set_size),
    method("set-times", times),
    ComponentFunction(TYPES, "[method]descriptor.read", read, result(pair(octets, scalar(BOOL)), enum)),
    method("write", Descriptor.write, u64),
    giving("read-directory", Kind.DIRECTORY_STREAM, Descriptor.entries, Wait.ALWAYS),
    method("sync", Descriptor.sync),
    method("create-directory-at", Descriptor.make_folder_at),
    method("stat", stat, description, Wait.MAYBE),
    method("stat-at", stat_at, description, Wait.MAYBE),
    method("set-times-at", times_at),
    ComponentFunction(TYPES, "[method]descriptor.link-at", link_at, result(None, enum)),
    giving("open-at", Kind.DESCRIPTOR, open_at, Wait.MAYBE),
    method("readlink-at", Descriptor.readlink_at, string),
    method("remove-directory-at", Descriptor.remove_folder_at),
    ComponentFunction(TYPES, "[method]descriptor.rename-at", rename_at, result(None, enum)),
    method("symlink-at", Descriptor.symlink_at),
    method("unlink-file-at", Descriptor.unlink_at),
    ComponentFunction(TYPES, "[method]descriptor.is-same-object", is_same_object, scalar(BOOL)),
    method("metadata-hash", hash_of, hash_value, Wait.MAYBE),
    method("metadata-hash-at", hash_at, hash_value, Wait.MAYBE),
    ComponentFunction(
        TYPES,
        "[method]directory-entry-stream.read-directory-entry",
        read_directory_entry,
        result(option(entry), enum),
    ),
)
