"""Makes a module of JavaScript: `python -m gojinn.build.js.compile MAIN OUTPUT`, in the function's folder.

A compiler like any other to who starts it: what is wrong goes to stderr, and it can be killed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gojinn.build.js import esbuild
from gojinn.build.js.sources import Bundle, plain
from gojinn.build.runtimes import Runtime, locate, runtime
from gojinn.engine.snapshot import Preparation, snapshot
from gojinn.errors import BuildError, GojinnError

BOOT = "gojinn_boot"
SECONDS = 15.0
"""How long the top level of all modules may run; the runtime itself gives up earlier, and says where."""


def compile_bundle(bundle: Bundle) -> tuple[bytes, str]:
    """The module of a bundle, and what it logged. Raises BuildError when its top level fails."""
    image = image_of(runtime("javascript"))
    module, messages = snapshot(image, bundle.main, Preparation(BOOT, bundle.encoded(), SECONDS))
    return module, messages.text()


def image_of(wanted: Runtime) -> bytes:
    """Reads the image of a runtime. Raises BuildError where it is missing."""
    path = locate(wanted)
    if path is None:
        hint = f"run 'gojinn runtime install FILE' with the image of this release ({wanted.sha256[:12]}…)"
        raise BuildError(f"the runtime for {wanted.title} is not installed", hint=hint)
    return path.read_bytes()


def main(arguments: list[str]) -> int:
    """Compiles; what is to be read goes to stderr."""
    parser = argparse.ArgumentParser(prog="gojinn.build.js.compile")
    parser.add_argument("--version", action="version", version=runtime("javascript").version)
    parser.add_argument("main", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--esbuild", type=Path)
    options, flags = parser.parse_known_args(arguments)
    folder = Path.cwd()
    try:
        said = ""
        if options.esbuild:
            bundle, said = esbuild.bundle(options.esbuild, folder, options.main.resolve(), flags)
        else:
            bundle = plain(folder, options.main.resolve())
        module, logged = compile_bundle(bundle)
    except GojinnError as error:
        tell(getattr(error, "output", ""), error.message, f"hint: {error.hint}" if error.hint else "")
        return 1
    tell(said, logged)
    options.output.write_bytes(module)
    return 0


def tell(*texts: str) -> None:
    print(*filter(None, texts), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
