"""Rust, by any installed rustc that has a standard library for WASI: rustup's or a distribution's. For crates
see `cargo`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gojinn.build import cargo
from gojinn.build.language import Command, Language, Toolchain, stamp
from gojinn.build.project import Project
from gojinn.build.sdk import place
from gojinn.build.version import TIMEOUT

TARGETS = ("wasm32-wasip1", "wasm32-wasi")
"""Newest name first; 1.78 renamed it and 1.84 dropped the old one."""

LINKERS = ("wasm-ld", *(f"wasm-ld-{version}" for version in range(21, 12, -1)), "rust-lld")
LIBC_FOLDERS = ("/usr/lib/wasm32-wasi", "/usr/lib/wasm32-wasip1", "/usr/share/wasi-sysroot/lib/wasm32-wasi")


def find(folder: Path) -> Toolchain | None:
    """Finds the first rustc whose sysroot holds a standard library for WASI; with it cargo, for crates."""
    toolchain = next(filter(None, map(probe, compilers())), None)
    if toolchain is None or not cargo.has_crates(folder):
        return toolchain
    program = cargo.beside(Path(toolchain.argv[0]))
    if program is None:
        return None
    return replace(toolchain, stamp=f"{toolchain.stamp} {stamp(program)}")


def compilers() -> Iterator[Path]:
    """Yields every rustc on PATH, in its order."""
    seen: set[Path] = set()
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = Path(folder or ".") / "rustc"
        if path not in seen and os.access(path, os.X_OK):
            seen.add(path)
            yield path


def probe(compiler: Path) -> Toolchain | None:
    """Looks for the target in a compiler's sysroot and for what linking needs; None without one."""
    try:
        asked = subprocess.run(
            [compiler, "--print", "sysroot"], capture_output=True, text=True, check=False, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        return None
    for target in TARGETS:
        library = Path(asked.stdout.strip()) / "lib" / "rustlib" / target / "lib"
        if asked.returncode or not any(library.glob("libstd-*.rlib")):
            continue
        if (library / "self-contained" / "crt1-command.o").exists():
            return Toolchain((str(compiler),), f"PATH, {target}", stamp(compiler), ("--target", target))
        linking = system_libc()
        if linking is not None:
            flags = ("--target", target, *linking)
            return Toolchain((str(compiler),), f"PATH, {target}", stamp(compiler), flags)
    return None


def system_libc() -> tuple[str, ...] | None:
    """Makes the flags for a distribution's rustc: its linker and libc are packages of their own."""
    folders = [folder for folder in LIBC_FOLDERS if Path(folder, "crt1-command.o").exists()]
    linkers = [linker for linker in LINKERS if shutil.which(linker)]
    if not folders or not linkers:
        return None
    start = f"link-arg={folders[0]}/crt1-command.o"
    return ("-C", f"linker={linkers[0]}", "-C", start, "-L", folders[0], "-C", "link-self-contained=no")


def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
    """Compiles the SDK, then the function with it as the crate `gojinn`.

    Strips debug data; rustc puts the stack below the data, so an overflow traps. What rustc keeps
    between two runs makes the second take a tenth of the time. A function with crates is cargo's to build.
    """
    linking = ("-C", "strip=debuginfo", "-C", f"link-arg=-zstack-size={project.stack}")
    if cargo.has_crates(project.folder):
        return (cargo.command(toolchain, project, *linking, *project.flags),)
    base = [*toolchain.argv, *toolchain.flags, "--edition", "2021", "-C", "opt-level=2"]
    kept = project.scratch / "rust"
    library = kept / "libgojinn.rlib"
    sdk = [*base, "--crate-type", "rlib", "--crate-name", "gojinn", "-C", f"incremental={kept}"]
    sdk += ["--cfg", 'feature="room"']
    sdk += [project.near(place(project, "rust") / "src" / "lib.rs"), "-o", str(library)]
    argv = [*base, "--crate-type", "bin", *linking, "-C", f"incremental={kept}"]
    argv += ["--extern", f"gojinn={library}", project.near(project.source), "-o", str(output), *project.flags]
    return Command(tuple(sdk)), Command(tuple(argv))


LANGUAGE = Language(
    name="rust",
    title="Rust",
    suffixes=(".rs", ".toml", ".lock"),
    marks=(("main.rs", "main.rs"), ("src/main.rs", "src/main.rs")),
    version=("--version",),
    find=find,
    install=(
        "run 'rustup target add wasm32-wasip1', or on Debian "
        "'apt-get install rustc cargo libstd-rust-dev-wasm32 wasi-libc lld'"
    ),
    commands=commands,
    sdks=("rust",),
    draft=("-C", "opt-level=0"),
    versions=("1.63", ""),
)
