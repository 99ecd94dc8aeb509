"""What `gojinn doctor` looks at: a small function a question, each with what to do. Prints nothing."""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from gojinn.build import version
from gojinn.build.language import Language
from gojinn.build.languages import LANGUAGES
from gojinn.build.sdk import SDKS
from gojinn.config.model import Options
from gojinn.engine.capi import VERSION, capi
from gojinn.engine.library import LIBRARY, native
from gojinn.engine.sealing import private_directory
from gojinn.engine.settings import MAPS_OF_A_SLOT, MAPS_OF_THE_REST, slots_that_fit
from gojinn.errors import GojinnError
from gojinn.fabric.program import check_version, find_program
from gojinn.process.folders import cache_folder

OLDEST_PYTHON = (3, 11)
ENOUGH_SLOTS = 5_000
ENOUGH_FILES = 10_000
"""Descriptors: each connection takes one."""


class Level(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    NOTE = "note"
    """Something that only some need is missing."""
    BAD = "bad"
    """Gojinn does not work, or not as it should."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question."""

    name: str
    level: Level
    text: str
    hint: str = ""


Check = Callable[[], Finding]


def checks() -> Iterator[Check]:
    """Yields the questions in the order in which they are shown."""
    yield from (check_python, check_wasmtime, check_core, check_slots, check_files, check_cache, check_nats)
    for language in LANGUAGES:
        yield partial(check_compiler, language)


def check_python() -> Finding:
    """Is the interpreter new enough?"""
    text = f"{platform.python_implementation()} {platform.python_version()}"
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        return Finding("python", Level.BAD, text, f"install Python {wanted} or newer")
    return Finding("python", Level.OK, text)


def check_wasmtime() -> Finding:
    """Is the engine's library the one that we were written for?"""
    try:
        capi()
    except GojinnError as error:
        return Finding("wasmtime", Level.BAD, error.message, error.hint or "")
    return Finding("wasmtime", Level.OK, VERSION)


def check_core() -> Finding:
    """Was the native core built, or does the slower pure-Python one serve?"""
    if not LIBRARY.exists():
        hint = "install gojinn again with a C compiler at hand, or with 'pip install gojinn[toolchains]'"
        return Finding("engine core", Level.NOTE, "pure Python: half as fast as the native one", hint)
    try:
        native()
    except (GojinnError, OSError) as error:
        return Finding("engine core", Level.BAD, str(error), getattr(error, "hint", None) or "")
    return Finding("engine core", Level.OK, "native")


def check_nats() -> Finding:
    """Is the server of messages, keys and schedules there, and new enough?"""
    try:
        program = find_program()
        found = asyncio.run(check_version(program))
    except GojinnError as error:
        return Finding("nats-server", Level.BAD, error.message, error.hint or "")
    return Finding("nats-server", Level.OK, f"{found} ({program})")


def check_slots() -> Finding:
    """How many sandboxes fit under the kernel's limit of memory mappings?"""
    slots = slots_that_fit()
    text = f"{slots:,} sandboxes at once in each worker"
    if slots < ENOUGH_SLOTS:
        wanted = 10_000 * MAPS_OF_A_SLOT + MAPS_OF_THE_REST
        hint = f"raise vm.max_map_count: 'sysctl -w vm.max_map_count={wanted}'"
        return Finding("sandboxes", Level.NOTE, text, hint)
    return Finding("sandboxes", Level.OK, text)


def check_files() -> Finding:
    """How many connections may be open at once?"""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else sys.maxsize
    text = f"{soft:,} now" + (f", {hard:,} at most" if most != sys.maxsize else ", no upper limit")
    if most < ENOUGH_FILES:
        return Finding("open files", Level.NOTE, text, f"raise the limit: 'ulimit -n {ENOUGH_FILES}'")
    return Finding("open files", Level.OK, text)


def check_compiler(language: Language, missing: Level = Level.NOTE) -> Finding:
    """Can functions in this language be built here?"""
    name = f"build {language.title}"
    toolchain = language.find(Path.cwd())
    if toolchain is None:
        return Finding(name, missing, "no compiler", language.install)
    try:
        said = version.ask(language, toolchain)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(name, Level.BAD, f"{toolchain.argv[0]} does not run: {error}", language.install)
    wrong = version.complaint(language, said)
    if wrong:
        return Finding(name, Level.BAD, f"{wrong} ({toolchain.origin})", language.install)
    return Finding(name, Level.OK, f"{said} ({toolchain.origin})")


def check_sdk(language: Language) -> Finding:
    """Are the files there that functions in this language are written with?"""
    name = f"SDK {language.title}"
    missing = [word for word in language.sdks if not (SDKS / word).is_dir()]
    if missing:
        return Finding(name, Level.BAD, f"no '{SDKS / missing[0]}'", "install gojinn again")
    return Finding(name, Level.OK, ", ".join(str(SDKS / word) for word in language.sdks) or "needs none")


def checks_of(language: Language) -> Iterator[Check]:
    """Yields the questions about one language that somebody wants to use."""
    yield partial(check_compiler, language, Level.BAD)
    yield partial(check_sdk, language)


def check_address(host: str, port: int) -> Finding:
    """Is an address of the Caddyfile free, or served by us already?"""
    name = f"port {port}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind((host, port))
    except PermissionError:
        hint = "serve as root, or lower net.ipv4.ip_unprivileged_port_start, or choose a port from 1024 on"
        return Finding(name, Level.BAD, "not allowed for this user", hint)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        return Finding(name, Level.NOTE, reason, "stop what uses it, unless it is Gojinn: 'gojinn status'")
    return Finding(name, Level.OK, "free")


def check_cache() -> Finding:
    """Can compiled modules be kept where they belong?"""
    folder = cache_folder(Options())
    try:
        private_directory(folder)
    except GojinnError as error:
        return Finding("compile cache", Level.BAD, error.message, error.hint or "")
    return Finding("compile cache", Level.OK, str(folder))
