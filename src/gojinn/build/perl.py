"""Perl: Perl 5 from npm, and how a function's folder gets into it. The SDK is loaded with its files."""

from __future__ import annotations

from gojinn.build.grafting import Grafted
from gojinn.build.interpreted import interpreted
from gojinn.build.interpreter import Interpreter
from gojinn.build.npm import Package
from gojinn.build.sdk import SDKS


def refused(parameters: int) -> bytes:
    """Instructions in place of a call of WASI that nobody here needs: it is not supported (ENOSYS)."""
    return b"\x1a" * parameters + b"\x41\x34"


IMAGE = Grafted(
    Package(
        "@6over3/zeroperl-ts",
        "1.0.10",
        "sha512-d7fBgN1UaP9BR6kZMyNsjIrxPd0QLqqx29VSprhK66m1csm/7E/anr+rEfp3gJDSne5FfDpM6aKtDGHyXG/vYQ==",
    ),
    file="dist/esm/zeroperl.wasm",
    adapter="perl.wat",
    instead={"path_link": refused(7), "path_symlink": refused(5)},
)
SUFFIXES = (".pl", ".pm")
SDK = (
    *("Gojinn.pm", "HTTP/Tiny.pm", "mro.pm"),
    *(f"Gojinn/{path.name}" for path in sorted((SDKS / "perl" / "Gojinn").glob("*.p[lm]"))),
)


LANGUAGE = interpreted(
    Interpreter(
        runtime="perl",
        suffixes=SUFFIXES,
        sdk=SDK,
        parts=("build/perl.py",),
    ),
    name="perl",
    title="Perl",
    marks=(("index.pl", "index.pl"), ("main.pl", "main.pl"), ("cpanfile", "index.pl")),
    sdks=("perl",),
    install="install Node.js with npm, which gets the interpreter once",
)
