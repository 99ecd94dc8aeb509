"""Python as a language of the build. Loading is `interpret`'s."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gojinn.build.interpreted import find_image, interpreted
from gojinn.build.interpreter import Interpreter
from gojinn.build.language import Toolchain
from gojinn.build.python.bundling import REQUIREMENTS, SUFFIXES, bundling
from gojinn.build.python.requirements import digest

INTERPRETER = Interpreter(
    runtime="python",
    suffixes=SUFFIXES,
    seconds=60.0,
    bundling=bundling,
    parts=("build/python/bundling.py", "build/python/packages.py"),
)


def find(folder: Path) -> Toolchain | None:
    """Finds the image. What is installed counts too: the requirements may name files in other folders."""
    image = find_image(INTERPRETER)
    return image and replace(image, stamp=f"{image.stamp} {digest(folder / REQUIREMENTS)}")


LANGUAGE = interpreted(
    INTERPRETER,
    name="python",
    title="Python",
    marks=(("main.py", "main.py"),),
    sdks=("python",),
    find=find,
)
