"""What supervisor and worker say to each other. How it travels is `channel`'s.

A worker runs foreign code, so the supervisor never unpickles what a worker sends: answers are plain msgspec
structs. The configuration, which only travels towards the workers, is pickled inside of `Prepare`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from gojinn.errors import ConfigError, ConfigErrors, GojinnError, Place, StartError


class Adopt(msgspec.Struct, tag=True, frozen=True):
    """Supervisor: here is a listening socket for the generation that is prepared next. Has no answer."""

    host: str
    port: int
    tls: bool


class Prepare(msgspec.Struct, tag=True, frozen=True):
    """Supervisor: build this generation beside the one that serves. Answered by Done or Refused."""

    id: int
    release: bytes
    """A pickled `release.Release`."""


class Commit(msgspec.Struct, tag=True, frozen=True):
    """Supervisor: serve the prepared generation and drain the one before. Answered by Done or Refused."""

    id: int


class Abort(msgspec.Struct, tag=True, frozen=True):
    """Supervisor: forget the prepared generation. Answered by Done."""

    id: int


class Ping(msgspec.Struct, tag=True, frozen=True):
    """Supervisor: are you there? Answered by Done."""

    id: int


class Measure(msgspec.Struct, tag=True, frozen=True):
    """Supervisor: how are you? Answered by Report."""

    id: int


class Stop(msgspec.Struct, tag=True, frozen=True):
    """Supervisor: stop accepting, finish within `grace` seconds and end. Answered by Done before the end."""

    id: int
    grace: float


class Done(msgspec.Struct, tag=True, frozen=True):
    """Worker: what request `id` asked for has happened."""

    id: int


Spot = tuple[str, int, int]
"""File, line and column of a Place."""


class Fault(msgspec.Struct, frozen=True):
    """A GojinnError on its way between processes."""

    message: str
    hint: str | None
    exit_code: int
    places: tuple[Spot, ...] = ()
    """Where it is, then the importing places."""
    source: str | None = None


class Refused(msgspec.Struct, tag=True, frozen=True):
    """Worker: what request `id` asked for failed, and nothing has changed."""

    id: int
    faults: tuple[Fault, ...]


class Report(msgspec.Struct, tag=True, frozen=True):
    """Worker: answer to Measure."""

    id: int
    stats: dict[str, Any]


Request = Prepare | Commit | Abort | Ping | Measure | Stop
"""What has an id and is answered."""
Command = Adopt | Request
Reply = Done | Refused | Report

encode = msgspec.msgpack.Encoder().encode
decode_command = msgspec.msgpack.Decoder(Command).decode
decode_reply = msgspec.msgpack.Decoder(Reply).decode


def faults_of(error: GojinnError) -> tuple[Fault, ...]:
    """Makes an error fit for travel."""
    errors = error.errors if isinstance(error, ConfigErrors) else (error,)
    return tuple(map(fault_of, errors))


def fault_of(error: GojinnError) -> Fault:
    """Makes a single error fit for travel."""
    if not isinstance(error, ConfigError) or error.place is None:
        return Fault(error.message, error.hint, error.exit_code)
    spots = tuple((place.file, place.line, place.col) for place in (error.place, *error.place.via))
    return Fault(error.message, error.hint, error.exit_code, spots, error.source)


def error_of(faults: tuple[Fault, ...]) -> GojinnError:
    """Makes the error again on the other side."""
    errors = [single_error(fault) for fault in faults]
    if len(errors) == 1:
        return errors[0]
    return ConfigErrors([error for error in errors if isinstance(error, ConfigError)])


def single_error(fault: Fault) -> GojinnError:
    """Makes one error again, of the kind that its exit code belongs to."""
    if fault.exit_code == ConfigError.exit_code:
        places = [Place(*spot) for spot in fault.places]
        place = replace(places[0], via=tuple(places[1:])) if places else None
        return ConfigError(fault.message, place=place, source=fault.source, hint=fault.hint)
    kind = StartError if fault.exit_code == StartError.exit_code else GojinnError
    return kind(fault.message, hint=fault.hint)
