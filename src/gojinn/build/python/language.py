"""Python as a language of the build. Loading is `interpret`'s."""

from __future__ import annotations

from gojinn.build.interpreted import interpreted
from gojinn.build.interpreter import Interpreter
from gojinn.build.python.bundling import SUFFIXES, bundling

INTERPRETER = Interpreter(
    runtime="python",
    suffixes=SUFFIXES,
    bundling=bundling,
    parts=("build/python/bundling.py", "build/python/packages.py"),
)

LANGUAGE = interpreted(
    INTERPRETER, name="python", title="Python", marks=(("main.py", "main.py"),), sdks=("python",)
)
