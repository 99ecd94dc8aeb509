"""C# as a language of the build."""

from __future__ import annotations

import shutil
from pathlib import Path

from gojinn.build.csharp.compiling import COMPILER, GIVEN, INSTALL, bundling, sdk_files
from gojinn.build.interpreted import find_image, interpreted
from gojinn.build.interpreter import Interpreter
from gojinn.build.language import Toolchain, stamp

INTERPRETER = Interpreter(
    runtime="csharp",
    suffixes=(".cs",),
    bundling=bundling,
    compiler=COMPILER,
    sdk=sdk_files(),
    parts=(
        "build/csharp/compiling.py",
        "build/csharp/image.py",
        "build/csharp/lines.py",
        "build/csharp/metadata.py",
        "build/csharp/reach.py",
        "engine/carried.py",
    ),
)


def find(folder: Path) -> Toolchain | None:
    """Finds the compiler; the interpreter is put together by the first build."""
    image, program = find_image(INTERPRETER), shutil.which(COMPILER)
    if image is None or program is None:
        return None
    origin = f"{image.origin}, {COMPILER} from {Path(program).parent}"
    flags = (f"{GIVEN}{program}",)
    return Toolchain(image.argv, origin, f"{image.stamp} {stamp(Path(program).resolve())}", flags)


LANGUAGE = interpreted(
    INTERPRETER,
    name="csharp",
    title="C#",
    marks=(("Function.cs", "Function.cs"), ("Program.cs", "Program.cs"), ("main.cs", "main.cs")),
    sdks=("csharp",),
    suffixes=(".cs", ".dll"),
    find=find,
    install=INSTALL,
    memory="128MB",
)
