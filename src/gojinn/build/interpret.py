"""Makes a module of a function's sources: `python -m gojinn.build.interpret LANGUAGE MAIN OUTPUT`.

It runs in the function's folder. A compiler like any other to who starts it: what is wrong goes to stderr,
and it can be killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gojinn.build import languages
from gojinn.build.assembly import obtain, tell
from gojinn.build.bundle import Bundled
from gojinn.build.interpreter import Interpreter
from gojinn.build.runtimes import runtime
from gojinn.engine.snapshot import Preparation, snapshot
from gojinn.errors import BuildError, GojinnError


def load(interpreter: Interpreter, bundle: Bundled) -> tuple[bytes, str]:
    """The module of a bundle, and what it logged. Raises BuildError when its top level fails."""
    image = obtain(runtime(interpreter.runtime), tell).read_bytes()
    names = bundle.names()
    preparation = Preparation(
        interpreter.boot, bundle.encoded(), interpreter.seconds, interpreter.memory, alike=True
    )
    try:
        module, messages = snapshot(image, names[-1], preparation)
    except BuildError as error:
        if any(name in error.message for name in names):
            raise
        # The interpreter could not say where it was: at the end of its stack or memory, for one.
        raise BuildError(f"{names[-1]}: {error.message}", hint=error.hint, output=error.output) from error
    return module, messages.text()


def main(arguments: list[str]) -> int:
    """Compiles; what is to be read goes to stderr."""
    interpreter = languages.language(arguments[0]).interpreter
    if interpreter is None:
        raise BuildError(f"'{arguments[0]}' is not interpreted")
    if arguments[1] == "--version":
        print(version(interpreter))
        return 0
    main, output, flags = Path(os.path.abspath(arguments[1])), Path(arguments[2]), arguments[3:]
    try:
        within(Path.cwd(), main)
        bundle, said = interpreter.bundle(Path.cwd(), main, flags)
        module, logged = load(interpreter, bundle)
        tell(said, logged)
        output.write_bytes(module)
    except GojinnError as error:
        tell(getattr(error, "output", ""), error.message, f"hint: {error.hint}" if error.hint else "")
        return 1
    except OSError as error:
        tell((f"'{error.filename}': " if error.filename else "") + (error.strerror or str(error)).lower())
        return 1
    return 0


def version(interpreter: Interpreter) -> str:
    """What it is, and what its compiler is, in their own words."""
    said = runtime(interpreter.runtime).version
    if not interpreter.compiler:
        return said
    asked = subprocess.run([interpreter.compiler, "--version"], capture_output=True, check=False)
    return f"{said}; {asked.stdout.decode(errors='replace').strip()}"


def within(folder: Path, main: Path) -> None:
    """Refuses a main file elsewhere: it could load nothing beside it. Raises BuildError."""
    if not main.is_relative_to(folder):
        hint = "move it there, or put a link to it there"
        raise BuildError(f"the source '{main}' is not in the function's folder '{folder}'", hint=hint)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
