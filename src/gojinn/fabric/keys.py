"""NKeys: the Ed25519 keys by which users log in to NATS. Who may do what is `serverconfig`'s."""

from __future__ import annotations

import os
from pathlib import Path

import nkeys

from gojinn.config.node import is_seed
from gojinn.config.units import Secret
from gojinn.errors import StartError
from gojinn.fabric.files import write_private


def new_seed() -> Secret:
    """Makes the seed of a new user key."""
    return Secret(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode())


def public_key(seed: Secret) -> str:
    """Returns the public key, `U…`, of a user's seed."""
    return bytes(nkeys.from_seed(bytearray(seed.reveal().encode())).public_key).decode()


def kept_seed(path: Path) -> Secret:
    """Returns the seed kept in a file, which is made, for its owner only, when it is not there.

    Raises StartError when it cannot be read, or holds something else.
    """
    try:
        if not path.exists():
            write_private(path, new_seed().reveal())
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise StartError(f"reading '{path}': {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError:
        text = ""
    if not is_seed(text):
        hint = "remove the file, and a new key is made at the next start"
        raise StartError(f"'{path}' holds no seed of a user's NKey", hint=hint)
    return Secret(text)
