"""Writes the standard library as C, for the interpreter to find frozen: `python library.py LIB TARGET`.

Run by the very Python that is built for the sandbox, as code objects are its own. Without docstrings and
asserts, and without what cannot work there.
"""

from __future__ import annotations

import marshal
import re
import sys
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = frozenset(
    (
        *("test", "idlelib", "tkinter", "turtle", "turtledemo", "ensurepip", "venv", "pydoc", "pydoc_data"),
        *("curses", "ctypes", "sqlite3", "multiprocessing", "dbm", "lib2to3", "_pyrepl", "__phello__", "ssl"),
        *("antigravity", "this", "webbrowser", "pty", "tty", "cProfile", "profile", "pstats", "trace"),
        *("site-packages", "smtplib", "poplib", "imaplib", "ftplib", "readline", "rlcompleter", "doctest"),
        *("_osx_support", "_ios_support", "_apple_support", "_android_support", "nturl2path"),
        *("bdb", "pdb", "cmd", "modulefinder", "pyclbr", "zipapp", "compileall", "py_compile"),
        *("_pydecimal", "_pyio", "_pydatetime", "pickletools", "mailbox", "wave", "xmlrpc"),
    )
)
"""Modules and packages of the top that are not for functions: they need terminals, processes, sockets."""

CODECS = re.compile(r"encodings\.(big5|cp9[345]|euc|gb|hz|iso2022|johab|shift|mbcs|oem|mac_(?!roman))")
"""Those of East Asia, whose tables in C are not in the image, and of other systems."""

OURS = {"_sysconfigdata__wasi_wasm32-wasi.py": b"build_time_vars = {'TZPATH': '', 'Py_GIL_DISABLED': 0}\n"}
"""What CPython's build would tell of its machine; zoneinfo asks."""

BUILTIN = frozenset(("importlib._bootstrap", "importlib._bootstrap_external", "zipimport"))
"""Frozen by CPython's own build."""


def main(library: Path, target: Path) -> None:
    """Writes `library.bin`, all code one after another, and `library.c`, where each begins."""
    code, table = bytearray(), []
    for path, source in (*sources(library), *OURS.items()):
        name, is_package = named(Path(path))
        compiled = compile(source, f"python/{path}", "exec", dont_inherit=True, optimize=2)
        content = marshal.dumps(compiled)
        table.append(f'    {{"{name}", code + {len(code)}, {len(content)}, {int(is_package)}}},')
        code += content
    (target / "library.bin").write_bytes(code)
    text = ["#include <Python.h>", "static const unsigned char code[] = {", '#embed "library.bin"', "};"]
    text += ["const struct _frozen gojinn_library[] = {", *table, "    {NULL, NULL, 0, 0},", "};"]
    (target / "library.c").write_text("\n".join(text) + "\n")


def sources(library: Path) -> Iterator[tuple[str, bytes]]:
    """The files that are wanted, by their path below the library."""
    for path in sorted(library.rglob("*.py")):
        name, _ = named(path.relative_to(library))
        if name not in BUILTIN and not LEFT_OUT & set(name.split(".")) and not CODECS.match(name):
            yield path.relative_to(library).as_posix(), path.read_bytes()


def named(path: Path) -> tuple[str, bool]:
    """A module's name, and whether it is a package."""
    parts = path.with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return ".".join(parts[:-1] if is_package else parts), is_package


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
