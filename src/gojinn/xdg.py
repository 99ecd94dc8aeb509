"""The user's folders by the XDG base directory specification. What is in them is others'."""

from __future__ import annotations

import os
from pathlib import Path

from gojinn.errors import StartError


def cache() -> Path:
    """The folder `gojinn` for what can be made again. Raises StartError where nothing tells a home."""
    return base("XDG_CACHE_HOME", ".cache")


def data() -> Path:
    """The folder `gojinn` for what is to stay. Raises StartError where nothing tells a home."""
    return base("XDG_DATA_HOME", ".local/share")


def base(variable: str, usual: str) -> Path:
    """What a variable names, where that is absolute as the specification wants it; else the usual folder."""
    named = os.environ.get(variable, "")
    if os.path.isabs(named):
        return Path(named, "gojinn")
    try:
        return Path.home() / usual / "gojinn"
    except RuntimeError as error:
        what = f"there is no home folder: HOME is not set, and user {os.getuid()} has none"
        raise StartError(what, hint=f"set HOME, or {variable} to a folder to write to") from error
