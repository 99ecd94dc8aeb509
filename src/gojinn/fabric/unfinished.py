"""Streams whose making a crash cut off: taken out of the store before the server starts. Touches no message.

nats-server writes a stream's `meta.inf`, then its checksum `meta.sum`, and only then tells anybody that the
stream is there. One that ends between the two knows the stream no more, yet finds its folder in the way.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from gojinn.observe.log import get

log = get("gojinn.nats")


def remove_unfinished(store: Path) -> None:
    """Removes what is left of streams that were never made to the end. Raises OSError."""
    for folder in streams_in(store):
        if not (folder / "meta.sum").exists() and not has_messages(folder):
            shutil.rmtree(folder)
            log.warning("a stream was not made to the end", stream=folder.name)


def has_messages(folder: Path) -> bool:
    """Whether a stream holds messages; it has none before it is made."""
    return any(path.stat().st_size for path in folder.glob("msgs/*.blk"))


def streams_in(store: Path) -> Iterator[Path]:
    """Yields the folders of all streams in a store."""
    for meta in sorted(store.glob("jetstream/*/streams/*/meta.inf")):
        yield meta.parent
