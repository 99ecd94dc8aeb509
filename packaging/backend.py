"""Builds the package: setuptools, plus the engine's native library where a C compiler can be had.

An in-tree PEP 517 backend. A machine without a C compiler gets one for the build (the ziglang wheel); where
even that cannot be installed, the package works with its slower pure Python engine. `python
packaging/backend.py` builds the library alone, in place.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from setuptools import build_meta

ENGINE = Path(__file__).resolve().parent.parent / "src/gojinn/engine"
SOURCES = ENGINE / "native"
LIBRARY = ENGINE / "libgojinn_core.so"

ZIG = "ziglang==0.17.1"

FLAGS = ("-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread", "-Wall", "-Wextra")


def find_compiler() -> list[str] | None:
    """The command of the C compiler to use: `$CC`, the system's, or the ziglang wheel's; None when there is
    none."""
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        command = shlex.split(name)
        if command and shutil.which(command[0]):
            return command
    if find_spec("ziglang") is not None:
        return [sys.executable, "-m", "ziglang", "cc"]
    return None


def build_library() -> bool:
    """Compiles the library in place; False without a compiler. An old one never stays behind."""
    LIBRARY.unlink(missing_ok=True)
    compiler = find_compiler()
    if compiler is None:
        return False
    fresh = LIBRARY.with_suffix(f".{os.getpid()}.tmp")
    sources = sorted(str(path) for path in SOURCES.glob("*.c"))
    try:
        subprocess.run([*compiler, *FLAGS, "-o", str(fresh), *sources, "-ldl"], check=True)
        fresh.replace(LIBRARY)
    finally:
        fresh.unlink(missing_ok=True)
    return True


def build_or_warn() -> None:
    """A package without the library is slower, not broken: a failing compiler must not stop an
    installation."""
    try:
        built = build_library()
    except (OSError, subprocess.CalledProcessError) as error:
        built = False
        print(f"warning: the native engine does not compile: {error}", file=sys.stderr)
    if not built:
        print("warning: no native engine, the pure Python one will be used", file=sys.stderr)


def extra_requirements() -> list[str]:
    return [] if find_compiler() else [ZIG]


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    return [*build_meta.get_requires_for_build_wheel(config_settings), *extra_requirements()]


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    return [*build_meta.get_requires_for_build_editable(config_settings), *extra_requirements()]


def get_requires_for_build_sdist(config_settings: Any = None) -> list[str]:
    return list(build_meta.get_requires_for_build_sdist(config_settings))


def prepare_metadata_for_build_wheel(directory: str, config_settings: Any = None) -> str:
    return str(build_meta.prepare_metadata_for_build_wheel(directory, config_settings))


def prepare_metadata_for_build_editable(directory: str, config_settings: Any = None) -> str:
    return str(build_meta.prepare_metadata_for_build_editable(directory, config_settings))


def build_wheel(directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    build_or_warn()
    return str(build_meta.build_wheel(directory, config_settings, metadata_directory))


def build_editable(directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    build_or_warn()
    return str(build_meta.build_editable(directory, config_settings, metadata_directory))


def build_sdist(directory: str, config_settings: Any = None) -> str:
    return str(build_meta.build_sdist(directory, config_settings))


if __name__ == "__main__":
    sys.exit(0 if build_library() else "no C compiler: set CC, or install gcc, clang or ziglang")
