"""Where packages come from: each registry by its ordinary client, once for all that are tried in one run."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from gojinn.build.js.esbuild import VERSION as ESBUILD
from gojinn.build.project import SCRATCH
from gojinn.build.sdk import lend


def fetch(registry: str, packages: Sequence[str], folder: Path, scratch: Path) -> None:
    """Puts packages, or what names them, into a function's folder."""
    {"npm": npm, "pypi": pypi, "go": go, "debian": debian}[registry](packages, folder, scratch)


def npm(packages: Sequence[str], folder: Path, scratch: Path) -> None:
    """As `npm install` in the function's folder does."""
    exact = dict(package.rsplit("@", 1) for package in packages)
    described = {"type": "module", "dependencies": exact, "devDependencies": {"esbuild": ESBUILD}}
    (folder / "package.json").write_text(json.dumps(described))
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)


def pypi(packages: Sequence[str], folder: Path, scratch: Path) -> None:
    """The build installs them."""
    (folder / "requirements.txt").write_text("".join(f"{package}\n" for package in packages))


def go(packages: Sequence[str], folder: Path, scratch: Path) -> None:
    """As `go get` in the function's folder does."""
    lend(folder / SCRATCH, ("go",))
    sdk = f"./{SCRATCH}/sdk/go"
    (folder / "go.mod").write_text(
        f"module try\n\ngo 1.24\n\nrequire gojinn v0.0.0\n\nreplace gojinn => {sdk}\n"
    )
    for command in (["get", *packages], ["mod", "tidy"]):
        subprocess.run(["go", *command], cwd=folder, check=True, capture_output=True)


PLACES = (
    ("usr/share/rubygems-integration/all/gems", "vendor"),
    ("usr/lib/ruby/vendor_ruby", "vendor/ruby/lib"),
    ("usr/share/perl5", "vendor/lib/perl5"),
    ("usr/share/php", "vendor"),
    ("usr/share/lua/5.4", "."),
)
"""Where Debian's packages have sources, and where a function has what its users copy there."""


def debian(packages: Sequence[str], folder: Path, scratch: Path) -> None:
    """Takes them from Debian's packages, whose versions are its own."""
    for package in packages:
        root = scratch / "debian" / package
        if not root.exists():
            root.mkdir(parents=True)
            subprocess.run(["apt-get", "download", "-qq", package], cwd=root, check=True, capture_output=True)
            subprocess.run(["dpkg-deb", "-x", str(next(root.glob("*.deb"))), str(root)], check=True)
        for place, wanted in PLACES:
            if (root / place).is_dir():
                shutil.copytree(
                    root / place, folder / wanted, dirs_exist_ok=True, ignore_dangling_symlinks=True
                )
