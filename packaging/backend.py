"""Builds the package: setuptools, plus the engine's native library where a C compiler can be had.

An in-tree PEP 517 backend. A machine without a C compiler gets one for the build only: the ziglang wheel.
Should compiling fail, the package still works, with its slower pure Python engine. `python
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
from sysconfig import get_platform
from typing import Any

from setuptools import build_meta

PACKAGES = Path(__file__).resolve().parent.parent / "src"
sys.path.insert(0, str(PACKAGES))

from gojinn.engine.stamp import stamp  # noqa: E402, it is of this tree

ENGINE = PACKAGES / "gojinn/engine"
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
    """Compiles the library in place; False, and none is left, without a compiler or when it fails."""
    compiler = find_compiler()
    if compiler is None or not compile_to(LIBRARY, compiler):
        LIBRARY.unlink(missing_ok=True)
        return False
    return True


def compile_to(library: Path, compiler: list[str]) -> bool:
    """Writes the whole library or nothing: others may be loading the one that is there."""
    fresh = library.with_suffix(f".{os.getpid()}.tmp")
    sources = sorted(str(path) for path in SOURCES.glob("*.c"))
    stamped = f"-DGOJINN_STAMP={stamp(SOURCES):#x}ull"
    result = subprocess.run([*compiler, *FLAGS, stamped, "-o", str(fresh), *sources, "-ldl"])
    if result.returncode:
        fresh.unlink(missing_ok=True)
        return False
    fresh.replace(library)
    return True


def build_or_warn() -> bool:
    """A package without the library is slower, not broken: a bad compiler must not stop an installation."""
    built = build_library()
    if not built:
        print("warning: no native engine, the slower pure Python one will be used", file=sys.stderr)
    return built


def for_this_platform(config_settings: Any) -> dict[str, Any]:
    """Settings for a wheel that has the library in it and so fits machines like this one only."""
    settings = dict(config_settings or {})
    options = settings.get("--build-option") or []
    platform = get_platform().replace("-", "_").replace(".", "_")
    given = [options] if isinstance(options, str) else options
    settings["--build-option"] = [*given, f"--plat-name={platform}"]
    return settings


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
    if build_or_warn():
        config_settings = for_this_platform(config_settings)
    return str(build_meta.build_wheel(directory, config_settings, metadata_directory))


def build_editable(directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    build_or_warn()
    return str(build_meta.build_editable(directory, config_settings, metadata_directory))


def build_sdist(directory: str, config_settings: Any = None) -> str:
    return str(build_meta.build_sdist(directory, config_settings))


if __name__ == "__main__":
    sys.exit(0 if build_library() else "no native library: set CC, or install gcc, clang or ziglang")
