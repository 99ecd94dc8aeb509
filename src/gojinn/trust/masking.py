"""Keeps secrets out of text that is shown or stored. Which texts are secrets is the caller's to know."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"
SHORTEST = 4
"""Characters of the shortest secret that is masked: shorter ones (`1`, `en`) are in every text."""


class Masking:
    """Replaces some secrets wherever they occur in a text."""

    __slots__ = ("_pattern",)

    def __init__(self, secrets: Iterable[str]) -> None:
        # Longest first, or a secret that begins with another one would be masked in part only.
        known = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, known))) if known else None

    def mask(self, text: str) -> str:
        """Returns the text with every secret replaced by `***`."""
        return text if self._pattern is None else self._pattern.sub(MASK, text)
