"""What the server puts up with from a client: sizes and times. How a limit is kept, each part says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    target: int = 16 << 10
    """Longest request target (414)."""
    head: int = 64 << 10
    """Longest request head, target included (431)."""
    fields: int = 200
    """Most header fields in a request (431); as many again in trailers."""
    body: int = 10_000_000
    """Longest request body where `request_body max_size` says nothing else (413)."""
    buffered: int = 64 << 10
    """Body received ahead of its reader, from which on reading pauses."""
    discarded: int = 256 << 10
    """Body that no handler read, taken off the wire to keep the connection; more than that closes it."""
    pipelined: int = 16
    """Requests waiting for the one before them, from which on reading pauses."""
    queued: int = 500
    """Most requests waiting (429): so many can come in what was read before the pause."""
    head_time: float = 15.0
    """From the first byte of a request to the end of its head (408), and for a connection to send any."""
    idle_time: float = 75.0
    """Between two requests of a connection."""
    body_time: float = 60.0
    """Without a byte of a body that is being waited for (408)."""
    send_time: float = 60.0
    """In which a slow client must take some of what is buffered for it."""
    linger_time: float = 2.0
    """In which a client may read the answer to a request that was not read to its end, and agree to the end
    of an encrypted connection."""
    fresh_time: float = 1.0
    """In which a client that had just connected may send its request when the server stops."""
    handshake_time: float = 15.0
    """For a TLS handshake."""
