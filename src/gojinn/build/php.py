"""PHP, whose interpreter is loaded with a function's files when it is built."""

from __future__ import annotations

from gojinn.build.interpreted import interpreted
from gojinn.build.interpreter import Interpreter

LANGUAGE = interpreted(
    Interpreter(runtime="php", suffixes=(".php", ".phtml", ".inc", ".html")),
    name="php",
    title="PHP",
    marks=(("index.php", "index.php"), ("public/index.php", "public/index.php")),
    sdks=("php",),
)
