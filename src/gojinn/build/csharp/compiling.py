"""Compiles a function's C# with Debian's `mcs` against the library in the image. Runs nothing of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gojinn.build.assembly import obtain, tell
from gojinn.build.bundle import LARGEST, files_in, text_of
from gojinn.build.csharp.lines import table
from gojinn.build.csharp.reach import reached
from gojinn.build.runtimes import runtime
from gojinn.build.sdk import SDKS
from gojinn.engine.carried import carried
from gojinn.errors import BuildError

COMPILER = "mcs"
GIVEN = "--mcs="
"""What comes before the compiler's path in the flags of the language."""
INSTALL = "install the compiler: apt-get install mono-mcs; Node.js with npm gets the interpreter once"
SDK = SDKS / "csharp"
FUNCTION = "function"
LINES = ""
"""What the table of its lines is called among assemblies."""
CLIENT, WITH_CLIENT = b"System.Net.Http", "GOJINN_NET_HTTP"
"""A namespace, and what has the SDK compiled with what `HttpClient` asks by: whoever does not name the one
does not get its library into the module."""
SECONDS = 120
"""What the compiler may take."""
ALIGNMENT = 8
"""Bytes of which the address of each assembly is a multiple."""
FLAGS = ("-nostdlib", "-noconfig", "-optimize", "-debug", "-unsafe", "-utf8output", "-target:library")
PLACED = re.compile(r"^(.+?)\((\d+),(\d+)(?:,\d+,\d+)?\): ", re.MULTILINE)
"""How the compiler begins what it says of a place."""
OURS = re.compile(r"Compilation (succeeded|failed)|\s+at Mono\.")
"""What is about the compiler."""


@dataclass(frozen=True, slots=True)
class Assemblies:
    """A function that is compiled, with the libraries that it runs on."""

    main: str
    sources: Sequence[str]
    files: Mapping[str, bytes]

    def names(self) -> list[str]:
        """The files as their author knows them; the main one is the last."""
        return [*(name for name in self.sources if name != self.main), self.main]

    def encoded(self) -> bytes:
        """What the adapter reads: how much there is, then of each file the length of its name, the name, its
        length, what it holds.

        The interpreter takes them where they lie and looks for parts of methods at multiples of four, so that
        everything ends with NULs up to one of eight.
        """
        parts: list[bytes] = []
        for name, content in self.files.items():
            word = padded(name.encode() + b"\0")
            parts += [len(word).to_bytes(4, "little"), word]
            parts += [len(content).to_bytes(4, "little"), padded(content)]
        content = b"".join(parts)
        return padded(len(content).to_bytes(4, "little")) + content


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % ALIGNMENT)


def sdk_files() -> tuple[str, ...]:
    """The SDK's sources, which are compiled with the function's."""
    return tuple(sorted(path.name for path in SDK.glob("*.cs")))


def bundling(folder: Path, main: Path, flags: Sequence[str] = ()) -> tuple[Assemblies, str]:
    """Compiles all C# in a folder. Raises BuildError with the places of what is wrong."""
    compiler = next((flag.removeprefix(GIVEN) for flag in flags if flag.startswith(GIVEN)), None)
    compiler = compiler or shutil.which(COMPILER)
    if compiler is None:
        raise BuildError(f"'{COMPILER}' is needed to compile C#, and is not on PATH", hint=INSTALL)
    sources = sources_in(folder, main)
    own = {path.name: path.read_bytes() for path in files_in(folder, (".dll",))}
    library = carried(obtain(runtime("csharp"), tell).read_bytes())
    given = [flag for flag in flags if not flag.startswith(GIVEN)]
    if any(
        CLIENT in content for content in (*own.values(), *((folder / name).read_bytes() for name in sources))
    ):
        given.append(f"-define:{WITH_CLIENT}")
    with tempfile.TemporaryDirectory(prefix="gojinn-csharp-") as scratch:
        made, said = compiled(compiler, folder, sources, {**library, **own}, given, Path(scratch))
    name = main.relative_to(folder).as_posix()
    lines = {LINES: made.pop(LINES)}
    return Assemblies(name, sources, {**reached({**own, **made}, library), **lines}), said


def sources_in(folder: Path, main: Path) -> list[str]:
    """The names of the sources, which are UTF-8. Raises BuildError."""
    names, size = [], 0
    for path in [*files_in(folder, (".cs",)), main]:
        name = path.relative_to(folder).as_posix()
        if name in names or name.startswith(("bin/", "obj/")):
            continue
        size += path.stat().st_size
        if size > LARGEST:
            raise BuildError(f"the sources are more than {LARGEST >> 20} MiB, at '{name}'")
        text_of(path.read_bytes(), name)
        names.append(name)
    return names


def compiled(
    compiler: str,
    folder: Path,
    sources: Sequence[str],
    library: Mapping[str, bytes],
    flags: Sequence[str],
    scratch: Path,
) -> tuple[dict[str, bytes], str]:
    """The function's assembly with what is known of its lines, and what the compiler said."""
    for name, content in library.items():
        (scratch / name).write_bytes(content)
    output = scratch / f"{FUNCTION}.dll"
    references = [f"-r:{scratch / name}" for name in library]
    ours = [str(SDK / name) for name in sdk_files()]
    own = [f"./{name}" for name in sources]
    argv = [compiler, *FLAGS, *references, f"-out:{output}", *flags, *own, *ours]
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"compiling took more than {SECONDS} s") from error
    said = readable((done.stdout + done.stderr).decode(errors="replace"), folder)
    if done.returncode or not output.exists():
        raise BuildError(said or f"the compiler ended with code {done.returncode}")
    symbols = output.with_suffix(".dll.mdb").read_bytes()
    return {output.name: output.read_bytes(), LINES: table(symbols, folder.resolve())}, said


def readable(said: str, folder: Path) -> str:
    """What the compiler said, with places as others write them, without what is not about the function."""
    said = PLACED.sub(place, said).replace(f"{folder.resolve()}/", "").replace(f"{SDK}/", "gojinn/")
    lines = [line.removeprefix("./") for line in said.splitlines() if not OURS.match(line)]
    return "\n".join(lines).strip()[:20_000]


def place(found: re.Match[str]) -> str:
    """A place as others write it; the compiler counts from 0 where a file begins or ends with the mistake."""
    return f"{found[1]}:{max(int(found[2]), 1)}:{max(int(found[3]), 1)}: "
