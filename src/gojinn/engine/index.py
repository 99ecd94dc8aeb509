"""Remembers which module files were seen with which content, so that a warm start reads none of them.

Only a hint: losing it costs reading the modules once. What is compiled is in `entries`.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from gojinn.engine.inspect import ModuleInfo
from gojinn.engine.sealing import BrokenSeal, Seal
from gojinn.engine.source import Identity, surely_same

LABEL = "index 2"
MAX_FILES = 100_000
"""Files remembered; the longest unread ones are forgotten first."""


class Reading(msgspec.Struct, frozen=True, array_like=True):
    """What reading a module's file gave."""

    identity: Identity
    read_ns: int
    digest: bytes
    """SHA-256 of the content."""
    info: int
    """Number of its ModuleInfo."""


class Stored(msgspec.Struct, frozen=True):
    """The index in its file."""

    infos: list[ModuleInfo]
    readings: dict[str, Reading]


class Index:
    """What is known of module files, by absolute path. Equal infos are kept once: most modules look alike."""

    def __init__(
        self, infos: Sequence[ModuleInfo] = (), readings: Mapping[str, Reading] | None = None
    ) -> None:
        self.numbers = {info: number for number, info in enumerate(infos)}
        self.infos = list(infos)
        self.readings = dict(readings or {})

    def find(self, path: str, identity: Identity) -> tuple[str, ModuleInfo] | None:
        """Digest and info of a file of this identity; None when it has to be read."""
        known = self.readings.get(path)
        if known is None or not surely_same(known.identity, known.read_ns, identity):
            return None
        return known.digest.hex(), self.infos[known.info]

    def known(self, sha256: str, path: str) -> ModuleInfo | None:
        """The info of a file whose content turned out to be what it was before."""
        reading = self.readings.get(path)
        return None if reading is None or reading.digest.hex() != sha256 else self.infos[reading.info]

    def note(self, path: str, identity: Identity, read_ns: int, sha256: str, info: ModuleInfo) -> None:
        """Remembers a file that was read."""
        number = self.numbers.setdefault(info, len(self.infos))
        if number == len(self.infos):
            self.infos.append(info)
        self.readings[path] = Reading(identity, read_ns, bytes.fromhex(sha256), number)


def load_index(path: Path, seal: Seal) -> Index:
    """The index in a file; empty when there is none or it is damaged."""
    try:
        stored = msgspec.msgpack.decode(seal.read(path, LABEL), type=Stored)
    except (BrokenSeal, msgspec.DecodeError):
        return Index()
    return Index(stored.infos, stored.readings)


def save_index(path: Path, seal: Seal, index: Index) -> None:
    """Writes the index whole, without infos that no file has any more."""
    kept = index.readings
    if len(kept) > MAX_FILES:
        kept = dict(heapq.nlargest(MAX_FILES, kept.items(), key=lambda item: item[1].read_ns))
    slim = Index()
    for name, reading in kept.items():
        slim.note(name, reading.identity, reading.read_ns, reading.digest.hex(), index.infos[reading.info])
    seal.write(path, LABEL, msgspec.msgpack.encode(Stored(slim.infos, slim.readings)))
