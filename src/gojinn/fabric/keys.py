"""NKeys: the Ed25519 keys by which users log in to NATS. Who may do what is `serverconfig`'s."""

from __future__ import annotations

import os
from pathlib import Path

import nkeys

from gojinn.config.units import BadValue, Secret
from gojinn.errors import StartError

USER_KEY = 56
"""Characters of a public user key, `U…`."""


def new_seed() -> Secret:
    """Makes the seed of a new user key."""
    return Secret(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode())


def public_key(seed: Secret) -> str:
    """Returns the public key, `U…`, of a seed. Raises ValueError for what is no seed of a user."""
    try:
        prefix, _ = nkeys.decode_seed(seed.reveal().encode())
        if prefix != nkeys.PREFIX_BYTE_USER:
            raise ValueError("the seed is not of a user")
        key = nkeys.from_seed(bytearray(seed.reveal().encode())).public_key
    except (nkeys.NkeysError, ValueError, UnicodeEncodeError, IndexError) as error:
        raise ValueError("no seed of a user's NKey") from error
    return bytes(key).decode()


def parse_seed(text: str) -> Secret:
    """Reads the seed of a user key."""
    try:
        public_key(Secret(text))
    except ValueError:
        raise BadValue("…", "the seed of a user's NKey, 'SU…'") from None
    return Secret(text)


def parse_user(text: str) -> str:
    """Reads a public user key."""
    if len(text) != USER_KEY or not text.startswith("U") or not text.isalnum() or not text.isupper():
        raise BadValue(text, "a user's public NKey, 'U…' with 56 characters")
    return text


def kept_seed(path: Path) -> Secret:
    """Returns the seed kept in a file, which is made, for its owner only, when it is not there.

    Raises StartError when it cannot be read, or holds something else.
    """
    try:
        if not path.exists():
            write_private(path, new_seed().reveal())
        text = path.read_text(encoding="ascii").strip()
        return parse_seed(text)
    except OSError as error:
        raise StartError(f"reading '{path}': {(error.strerror or str(error)).lower()}") from error
    except (BadValue, UnicodeDecodeError) as error:
        hint = "remove the file, and a new key is made at the next start"
        raise StartError(f"'{path}' holds no seed of a user's NKey", hint=hint) from error


def write_private(path: Path, text: str) -> None:
    """Writes a file whole and for its owner only, durably. Raises OSError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
