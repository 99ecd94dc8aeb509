"""Batons: what ties the requests of a stream together over HTTP. Whose turn it is, `streams` knows.

A baton names the worker that holds the stream, the stream, and which request is next; all of it is
authenticated with a key that the workers of one server share, so it can neither be guessed nor made.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64encode
from dataclasses import dataclass, field

from gojinn.libsql.faults import ProtocolViolated

WORKER, STREAM, NUMBER, SEAL = 8, 16, 8, 32
"""Bytes of each part."""


@dataclass(frozen=True, slots=True)
class BatonKey:
    """What the workers of one server have in common, for as long as that runs."""

    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Baton:
    """A baton's content."""

    worker: bytes
    stream: bytes
    number: int


class Batons:
    """Writes and reads batons."""

    __slots__ = ("_secret",)

    def __init__(self, key: BatonKey) -> None:
        self._secret = key.secret

    def seal(self, data: bytes) -> bytes:
        """Returns what proves that data comes from a worker of this server."""
        return hmac.digest(self._secret, data, hashlib.sha256)

    def write(self, baton: Baton) -> str:
        """Writes a baton."""
        data = baton.worker + baton.stream + baton.number.to_bytes(NUMBER, "big")
        return b64encode(data + self.seal(data)).rstrip(b"=").decode()

    def read(self, text: str) -> Baton:
        """Reads a baton. Raises ProtocolViolated for one that is not ours."""
        try:
            whole = binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
        except (binascii.Error, ValueError):
            whole = b""
        data, seal = whole[:-SEAL], whole[-SEAL:]
        if len(data) != WORKER + STREAM + NUMBER or not hmac.compare_digest(seal, self.seal(data)):
            raise ProtocolViolated("Received an invalid baton")
        rest = data[WORKER:]
        return Baton(data[:WORKER], rest[:STREAM], int.from_bytes(rest[STREAM:], "big"))
