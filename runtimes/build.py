"""Builds the images of interpreters from pinned sources: `make runtimes`. Used in a checkout only.

Each folder here is a runtime: `recipe.toml` names the sources with their hash and how they are compiled. The
image goes into the package, and its hash into `gojinn/runtimes/runtimes.toml`. What was built once is kept in
the user's cache, by all that it depends on. What takes long to build has a `recipe.sh`, and its image beside
it as `image.wasm.xz`, which is unpacked; `make runtimes REBUILD=<name>` builds it again from the sources. An
adapter, `<name>-adapter.wasm`, is for an image that is put together where it is used, whose hash binds it.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "src/gojinn/runtimes"
RECORDS = PACKAGE / "runtimes.toml"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gojinn/runtimes"
ZIG = "0.17.1"
KEPT = "image.wasm.xz"
"""An image that takes long to build."""


def main(write: bool, again: str = "") -> int:
    """Builds what is missing; with `write` its hash is recorded, else it must be the recorded one.

    `again` names one that is kept as an image here, to be built anew: then only its hash is.
    """
    records = tomllib.loads(RECORDS.read_text())
    written, wrong = {}, []
    for folder in sorted(path.parent for path in HERE.glob("*/recipe.toml")):
        recipe = tomllib.loads((folder / "recipe.toml").read_text())
        if folder.name == again:
            rebuild(folder, recipe)
        image = image_of(folder, recipe)
        if recipe.get("adapter"):
            put(PACKAGE / f"{folder.name}-adapter.wasm", image)
            continue
        digest = hashlib.sha256(image).hexdigest()
        recorded = records.get(folder.name, {}).get("sha256")
        if write and folder.name == (again or folder.name):
            written[folder.name] = {"title": recipe["title"], "version": recipe["version"], "sha256": digest}
        elif digest != recorded:
            wrong.append(f"{folder.name}: built {digest}, recorded is {recorded}")
            continue
        put(PACKAGE / f"{folder.name}.wasm", image)
    if written:  # read again: what was added while this was building stays
        RECORDS.write_text(recorded_as(tomllib.loads(RECORDS.read_text()) | written))
    print(*wrong, sep="\n", file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


def image_of(folder: Path, recipe: dict[str, Any]) -> bytes:
    """The image, as it is kept here, from the cache or built now."""
    if (folder / KEPT).exists():
        return lzma.decompress((folder / KEPT).read_bytes())
    kept = CACHE / f"{folder.name}-{fingerprint(folder)}.wasm"
    if not kept.exists():
        print(f"building the runtime {folder.name} ({recipe['version']})")
        with tempfile.TemporaryDirectory() as scratch:
            sources = unpacked(recipe["source"], Path(scratch)) if "source" in recipe else folder
            put(kept, compiled(folder, recipe, sources, Path(scratch)))
    return kept.read_bytes()


def rebuild(folder: Path, recipe: dict[str, Any]) -> None:
    """Builds an image that is kept here: its `recipe.sh SOURCES SCRATCH` leaves `image.wasm` there."""
    with tempfile.TemporaryDirectory() as scratch:
        sources = unpacked(recipe["source"], Path(scratch))
        for source in recipe.get("also", ()):
            unpacked(source, Path(scratch))
        environ = {**os.environ, "PYTHON": sys.executable, "ZIG_LOCAL_CACHE_DIR": f"{scratch}/zig"}
        subprocess.run(["bash", str(folder / "recipe.sh"), str(sources), scratch], check=True, env=environ)
        image = Path(scratch, "image.wasm").read_bytes()
    put(folder / KEPT, lzma.compress(image, preset=9 | lzma.PRESET_EXTREME))


def fingerprint(folder: Path) -> str:
    """Hashes the recipe, what is beside it, and the compiler's version."""
    digest = hashlib.sha256(ZIG.encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"\0{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def unpacked(source: dict[str, Any], scratch: Path) -> Path:
    """Fetches a source distribution from PyPI, or an archive elsewhere, checks its hash and unpacks it."""
    archive = downloaded(source, scratch) if "urls" in source else from_pypi(source, scratch)
    with tarfile.open(archive) as file:
        file.extractall(scratch, filter="data")
    return scratch / source["folder"]


def from_pypi(source: dict[str, Any], scratch: Path) -> Path:
    """Has pip fetch it."""
    wanted = scratch / "requirements.txt"
    wanted.write_text(f"{source['package']}=={source['version']} --hash=sha256:{source['sha256']}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    pip += ["--no-binary", source["package"], "--require-hashes", "--dest", str(scratch)]
    subprocess.run([*pip, "-r", str(wanted)], check=True)
    return next(scratch.glob("*.tar.gz"))


def downloaded(source: dict[str, Any], scratch: Path) -> Path:
    """Fetches it from the first address that has it."""
    archive = scratch / "archive"
    for url in source["urls"]:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                archive.write_bytes(answer.read())
        except (urllib.error.URLError, OSError) as error:
            print(f"{url}: {error}", file=sys.stderr)
            continue
        if hashlib.sha256(archive.read_bytes()).hexdigest() == source["sha256"]:
            return archive
        print(f"{url}: it has another hash", file=sys.stderr)
    sys.exit("none of the addresses has the sources that are recorded")


def compiled(folder: Path, recipe: dict[str, Any], sources: Path, scratch: Path) -> bytes:
    """Compiles everything at once; paths of this machine do not get into the image."""
    image = scratch / "image.wasm"
    theirs = [str(sources / name) for name in recipe.get("sources", ())]
    ours = sorted(str(path) for path in (folder / "src").glob("*.[cs]"))
    zig = [
        sys.executable,
        "-m",
        "ziglang",
        "cc",
        "-target",
        "wasm32-wasi",
        f"-I{sources}",
        f"-I{folder / 'src'}",
    ]
    environ = {**os.environ, "ZIG_LOCAL_CACHE_DIR": str(scratch / "zig")}
    objects = []
    for number, path in enumerate([*theirs, *ours]):
        objects.append(str(scratch / f"{number}.o"))
        own = recipe["their_flags" if path in theirs else "our_flags"]
        flags = [*recipe["flags"], *own] if path.endswith(".c") else []
        subprocess.run([*zig, *flags, "-c", path, "-o", objects[-1]], check=True, env=environ)
    subprocess.run([*zig, *objects, *recipe["link"], "-o", str(image)], check=True, env=environ)
    return image.read_bytes()


def put(target: Path, content: bytes) -> None:
    """Writes a file in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(content)
    shutil.move(fresh, target)


def recorded_as(records: dict[str, dict[str, Any]]) -> str:
    """The records as TOML."""
    lines = ["# The images that this release knows; `python runtimes/build.py --write` writes this."]
    for name, facts in sorted(records.items()):
        lines += ["", f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in facts.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:], os.environ.get("REBUILD", "")))
