"""Whether a NATS may be trusted with data: version, JetStream, no stream missing. Changes nothing."""

from __future__ import annotations

from pathlib import Path

from gojinn.errors import GojinnError, StartError, Unavailable
from gojinn.fabric.client import shown
from gojinn.fabric.connection import Fabric
from gojinn.fabric.program import refuse_old
from gojinn.fabric.serverconfig import ServerSettings
from gojinn.fabric.streams import stream_names
from gojinn.fabric.unfinished import streams_in

UNPROVEN = (
    "whether this NATS syncs to disk what it acknowledges cannot be told from here; without "
    "'sync_interval: always' in its configuration a power cut may lose the last two minutes"
)
MOST_SHOWN = 3
"""Names that an error lists."""


async def check(fabric: Fabric) -> None:
    """Raises StartError when the server is too old or has no JetStream for us."""
    where = ", ".join(map(shown, fabric.node.access.urls))
    refuse_old(fabric.version, where)
    try:
        await fabric.api("INFO")
    except Unavailable as error:
        hint = error.hint or "enable JetStream: 'jetstream { store_dir: … }' in its configuration"
        raise StartError(f"the NATS server at {where} has no JetStream for us: {error}", hint=hint) from error
    except GojinnError as error:
        raise StartError(f"the NATS server at {where} refuses JetStream: {error}") from error


async def check_streams(fabric: Fabric, settings: ServerSettings) -> None:
    """Raises StartError when the embedded server does not know a stream that is in its store.

    It starts with a wrong key too, and then only lacks what it cannot read; a stream that was made again
    would overwrite that.
    """
    there = await stream_names(fabric)
    lost = {path.name: path for path in streams_in(settings.store) if path.name not in there}
    if lost:
        raise missing(lost, settings)


def missing(lost: dict[str, Path], settings: ServerSettings) -> StartError:
    """Makes the error for streams that the server cannot read."""
    names = ", ".join(sorted(lost)[:MOST_SHOWN])
    more = f" and {len(lost) - MOST_SHOWN} more" if len(lost) > MOST_SHOWN else ""
    what = f"nats-server cannot read what is in '{settings.store}' ({names}{more})"
    if not any((path / "meta.key").exists() for path in lost.values()):
        return StartError(f"{what}: its files are damaged", hint="restore the data directory from a backup")
    if settings.cipher_key is None:
        hint = "give the key with the option 'store_cipher_key'"
        return StartError(f"{what}: it is encrypted and no key is given", hint=hint)
    hint = "give the key that the data directory was made with; nothing in it has been changed"
    return StartError(f"{what}: 'store_cipher_key' is not the key that it was encrypted with", hint=hint)
