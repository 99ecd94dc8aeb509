"""Images that are put together on the user's machine, of packages pinned by version and hash. What one is
made of, and how, is its recipe's."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from gojinn.build import perl, ruby
from gojinn.build.csharp.image import IMAGE as CSHARP
from gojinn.build.runtimes import UNUSED, Runtime, assembled, locate, prune, put, used
from gojinn.errors import BuildError
from gojinn.locking import locked

Tell = Callable[[str], None]
"""Shows a line about what is going on."""
Recipe = Callable[[Path, Tell], bytes]
"""`recipe(scratch, tell)`: the image, which may use a folder that is gone afterwards. Raises BuildError."""

RECIPES: Mapping[str, Recipe] = {"csharp": CSHARP, "perl": perl.IMAGE, "ruby": ruby.IMAGE}
"""By the names of runtimes. Adding one is adding its line here, and its record with `assembled = true`."""


def tell(*texts: str) -> None:
    """Says what there is to say, where others do not read it as output."""
    if any(texts):
        print(*filter(None, texts), sep="\n", file=sys.stderr, flush=True)


def obtain(wanted: Runtime, tell: Tell) -> Path:
    """The sound image of a runtime, put together now where that is how it comes here.

    Raises BuildError where it is missing, or is another one than this release knows.
    """
    found = locate(wanted)
    if found is not None:
        used(found)
        return found
    if wanted.name not in RECIPES:
        hint = f"run 'gojinn runtime install FILE' with the image of this release ({wanted.sha256[:12]}…)"
        raise BuildError(f"the runtime for {wanted.title} is not installed", hint=hint)
    with locked(assembled()):
        return locate(wanted) or assemble(wanted, tell)


def assemble(wanted: Runtime, tell: Tell) -> Path:
    """Puts an image together, and where it is looked for. Raises BuildError."""
    tell(f"putting the runtime for {wanted.title} together ({wanted.version}), once")
    with tempfile.TemporaryDirectory(prefix="gojinn-runtime-") as scratch:
        image = RECIPES[wanted.name](Path(scratch), tell)
    digest = hashlib.sha256(image).hexdigest()
    if digest != wanted.sha256:
        what = f"the runtime for {wanted.title} came out as {digest}, expected {wanted.sha256}"
        raise BuildError(what, hint="install the image of this release by 'gojinn runtime install FILE'")
    put(assembled() / wanted.kept, image)
    prune(assembled(), unused=UNUSED)
    return assembled() / wanted.kept
