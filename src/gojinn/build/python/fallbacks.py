"""Packages that come compiled, and have the same in Python for where that cannot be loaded. pip fetches them.

Of such a wheel what is compiled is left out; what is left is a wheel in pure Python.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

KNOWN = frozenset({"markupsafe", "msgpack", "pyyaml", "zope-interface"})
"""Those that are known to fall back on their Python by themselves."""
MACHINES = ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_28_x86_64")
"""Machines whose wheels are taken: which does not matter, as what is for a machine is left out."""
COMPILED = (".so", ".pyd", ".c", ".h", ".pyx", ".pxd")
MISSING = re.compile(r"Could not find a version that satisfies the requirement (([A-Za-z0-9._-]+)[^ ]*)")
"""What pip says of the first package that it cannot have."""


def wanted(said: str) -> str | None:
    """The requirement that pip could not meet, if one of these packages can."""
    found = MISSING.search(said)
    if found and re.sub(r"[-_.]+", "-", found[2]).lower() in KNOWN:
        return found[1].rstrip(";,")
    return None


def add(requirement: str, folder: Path, python: str) -> bool:
    """Puts a wheel in pure Python for a requirement into a folder; whether there is one."""
    compiled = folder / "compiled"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    pip += ["--only-binary", ":all:", "--implementation", "cp", "--python-version", python]
    pip += [argument for machine in MACHINES for argument in ("--platform", machine)]
    done = subprocess.run(
        [*pip, "--dest", str(compiled), "--", requirement], capture_output=True, check=False
    )
    wheels = sorted(compiled.glob("*.whl"))
    for wheel in wheels:
        purify(wheel, folder)
        wheel.unlink()
    return done.returncode == 0 and bool(wheels)


def purify(wheel: Path, folder: Path) -> None:
    """Writes a wheel without what is compiled in it."""
    name, version = wheel.name.split("-")[:2]
    pure = "py3-none-any"
    record = f"{name}-{version}.dist-info/RECORD"
    lines: list[str] = []
    with (
        zipfile.ZipFile(wheel) as given,
        zipfile.ZipFile(folder / f"{name}-{version}-{pure}.whl", "w") as made,
    ):
        for entry in given.namelist():
            if entry.endswith(("/RECORD", *COMPILED)):
                continue
            content = given.read(entry)
            if entry.endswith(".dist-info/WHEEL"):
                text = re.sub(r"(?m)^Tag: .*\n", "", content.decode()).rstrip()
                content = f"{text.replace('Purelib: false', 'Purelib: true')}\nTag: {pure}\n".encode()
            made.writestr(entry, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.append(f"{entry},sha256={digest},{len(content)}\n")
        made.writestr(record, "".join([*lines, f"{record},,\n"]))
