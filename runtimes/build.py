"""Builds the images of interpreters from pinned sources: `make runtimes`. Used in a checkout only.

Each folder here is a runtime: `recipe.toml` names the sources with their hash and how they are compiled. The
image goes into the package, and its hash into `gojinn/runtimes/runtimes.toml`. What was built once is kept in
the user's cache, by all that it depends on. What takes long to build has a `recipe.sh`, and its image beside
it as `image.wasm.xz`, which is unpacked. An adapter, `<name>-adapter.wasm`, is for an image that is put
together where it is used, whose hash binds it. `make runtimes REBUILD=<name>` makes one anew, whichever kind
it is, and records its hash.
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
LONG, KEPT = "recipe.sh", "image.wasm.xz"
"""How an image is built that takes long, and where it is kept."""
PASSED = ("PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "ZIG_GLOBAL_CACHE_DIR")
"""Variables that compilers get: others, such as `CFLAGS`, would get into the image."""


def main(write: bool, again: str = "") -> int:
    """Builds what is missing; with `write` its hash is recorded, else it must be the recorded one.

    `again` names one that is built anew, whether it is there or not: then only its hash is recorded.
    """
    records = tomllib.loads(RECORDS.read_text())
    if again and again not in records:
        print(f"there is no runtime '{again}', expected one of: {', '.join(records)}", file=sys.stderr)
        return 2
    written, wrong = {}, []
    for folder in sorted(path.parent for path in HERE.glob("*/recipe.toml")):
        recipe = tomllib.loads((folder / "recipe.toml").read_text())
        image = image_of(folder, recipe, folder.name == again)
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
    if records.get(again, {}).get("assembled"):
        written[again] = records[again] | {"sha256": assembled(again)}
    for name, facts in written.items():
        print(f"{name}: {facts['sha256']}, {compared(facts, records.get(name))}")
    if written:  # read again: what was added while this was building stays
        RECORDS.write_text(recorded_as(tomllib.loads(RECORDS.read_text()) | written))
    print(*wrong, sep="\n", file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


def compared(facts: dict[str, Any], recorded: dict[str, Any] | None) -> str:
    """What is said of an image beside the one that was recorded."""
    if recorded is None:
        return "recorded now"
    same = facts["sha256"] == recorded["sha256"]
    return "as it was recorded" if same else f"recorded in place of {recorded['sha256']}"


def image_of(folder: Path, recipe: dict[str, Any], again: bool) -> bytes:
    """The image: as it is kept, here or in the cache, or built now."""
    kept = folder / KEPT if (folder / LONG).exists() else CACHE / f"{folder.name}-{fingerprint(folder)}.wasm"
    before = unpacked(kept) if kept.exists() else None
    if before is not None and not again:
        return before
    print(f"building the runtime {folder.name} ({recipe['version']})", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        image = built(folder, recipe, Path(scratch))
    if image != before:  # it may be packed in another way by another release of xz, which is no change
        put(kept, lzma.compress(image, preset=9 | lzma.PRESET_EXTREME) if kept.name == KEPT else image)
    return image


def unpacked(kept: Path) -> bytes:
    """An image that is kept."""
    return lzma.decompress(kept.read_bytes()) if kept.name == KEPT else kept.read_bytes()


def built(folder: Path, recipe: dict[str, Any], scratch: Path) -> bytes:
    """Builds an image of its sources: by `recipe.sh SOURCES SCRATCH`, or all at once."""
    sources = fetched(recipe["source"], scratch) if "source" in recipe else folder
    for source in recipe.get("also", ()):
        fetched(source, scratch)
    if not (folder / LONG).exists():
        return compiled(folder, recipe, sources, scratch)
    environ = environment(scratch) | {"PYTHON": sys.executable}
    subprocess.run(["bash", str(folder / LONG), str(sources), str(scratch)], check=True, env=environ)
    return (scratch / "image.wasm").read_bytes()


def environment(scratch: Path) -> dict[str, str]:
    """What compilers are told of this machine."""
    passed = {name: os.environ[name] for name in PASSED if name in os.environ}
    return {**passed, "ZIG_LOCAL_CACHE_DIR": str(scratch / "zig"), "LC_ALL": "C", "TZ": "UTC"}


def assembled(name: str) -> str:
    """Puts an image together that comes from npm; its hash."""
    from gojinn.build.assembly import RECIPES  # the package needs its adapters, which are built here

    with tempfile.TemporaryDirectory() as scratch:
        return hashlib.sha256(RECIPES[name](Path(scratch), print)).hexdigest()


def fingerprint(folder: Path) -> str:
    """Hashes the recipe, what is beside it, and the compiler's version."""
    digest = hashlib.sha256(ZIG.encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"\0{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def fetched(source: dict[str, Any], scratch: Path) -> Path:
    """Fetches a source distribution from PyPI, or an archive elsewhere, checks its hash and unpacks it."""
    archive = downloaded(source, scratch) if "urls" in source else from_pypi(source, scratch)
    with tarfile.open(archive) as file:
        file.extraction_filter = getattr(tarfile, "data_filter", None)  # which Debian 12's Python lacks
        file.extractall(scratch)
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
    environ = environment(scratch)
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
