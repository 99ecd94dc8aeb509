"""What native code depends on besides its module. Where it is kept is known to `entries`."""

from __future__ import annotations

import hashlib
import platform
import re
from contextlib import suppress
from pathlib import Path

from gojinn.engine import capi

PACKAGE = Path(__file__).parent
MAKER = PACKAGE / "compile.py"
IMPORT = re.compile(r"^ *from gojinn\.engine([\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)


def fingerprint() -> str:
    """Changes with wasmtime's release, with what the processor can do and with our own sources: no version is
    kept."""
    parts = [capi.VERSION.encode(), platform.machine().encode(), processor(), *sources(MAKER).values()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def sources(module: Path) -> dict[Path, bytes]:
    """The files of this package that a module imports, be it through others, and its own; in one order."""
    found: dict[Path, bytes] = {}
    missing = {module}
    while missing:
        path = missing.pop()
        found[path] = path.read_bytes()
        for subpackage, names in IMPORT.findall(found[path].decode()):
            place = PACKAGE.joinpath(*subpackage.split("."))
            named = {place.with_suffix(".py"), *(place / f"{name}.py" for name in re.findall(r"\w+", names))}
            missing |= {path for path in named - found.keys() if path.is_file()}
    return dict(sorted(found.items()))


def processor() -> bytes:
    """The line of /proc/cpuinfo that lists the processor's abilities."""
    with suppress(OSError), open("/proc/cpuinfo", "rb") as file:
        for line in file:
            if line.startswith((b"flags", b"Features")):
                return line
    return b""
