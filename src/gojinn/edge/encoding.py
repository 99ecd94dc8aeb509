"""What a client accepts of compressed content. Compressing is `encode`'s, finding files `file_server`'s."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gojinn.edge.message import Request

QUALITY = re.compile(r"[0-9]*\.?[0-9]+|[0-9]+\.", re.ASCII)
ALMOST_NOTHING = 0.00001


def accepted_encodings(request: Request, preferred: Sequence[str]) -> list[str]:
    """Returns the encodings of Accept-Encoding, the best first; `preferred` decides between equal ones.

    A WebSocket handshake is never encoded.
    """
    header = request.header(b"accept-encoding")
    if not header:
        return []
    handshake = request.header(b"sec-websocket-key") is not None
    found: list[tuple[float, int, str]] = []
    for item in header.decode("latin-1").split(","):
        name, _, parameters = item.partition(";")
        name, weight = name.strip().lower(), quality(parameters.partition(";")[0])
        if weight >= ALMOST_NOTHING and not (handshake and name != "identity"):
            rank = preferred.index(name) if name in preferred else len(preferred)
            found.append((-round(weight, 4), rank, name))
    return [name for _, _, name in sorted(found, key=lambda entry: entry[:2])]


def quality(parameter: str) -> float:
    """Reads `q=0.5`; anything else means 1."""
    text = parameter.strip().lower()
    value = text.removeprefix("q=")
    if value == text or not QUALITY.fullmatch(value):
        return 1.0
    number = float(value)
    return number if number <= 1 else 1.0
