"""Where files of this user go when the Caddyfile does not say. What is written there is the owners'."""

from __future__ import annotations

import os
from pathlib import Path

from gojinn.config.model import Options


def cache_folder(options: Options) -> Path:
    """Returns the folder of compiled modules: `cache_dir`, else one in the user's cache directory."""
    if options.cache_dir:
        return Path(options.cache_dir)
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # to be ignored, says the XDG base directory specification
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base, "gojinn", "modules")
