"""Ruby: CRuby from npm, and how a function's folder gets into it. The SDK is loaded with its files."""

from __future__ import annotations

from gojinn.build.grafting import Grafted
from gojinn.build.interpreted import interpreted
from gojinn.build.interpreter import Interpreter
from gojinn.build.npm import Package
from gojinn.build.sdk import SDKS

NOTHING, DROP = b"\x01", b"\x1a"

IMAGE = Grafted(
    Package(
        "@ruby/3.4-wasm-wasi",
        "2.10.1",
        "sha512-qrzIJ/7TGSpsZpFyLJb9OXO6TYAq18XoLd11We17Sr78hWpb5IGGFgMQ9A2Y8Ww5n0k8uKA/I8/P8MJdzlJX0Q==",
    ),
    file="dist/ruby+stdlib.wasm",
    adapter="ruby.wat",
    instead={  # handles of values stand for themselves
        "resource_new_rb-abi-value": NOTHING,
        "resource_get_rb-abi-value": NOTHING,
        "resource_drop_js-abi-value": DROP,
    },
)
SUFFIXES = (".rb",)
SDK = ("gojinn.rb", *(f"gojinn/{path.name}" for path in sorted((SDKS / "ruby" / "gojinn").glob("*.rb"))))


LANGUAGE = interpreted(
    Interpreter(
        runtime="ruby",
        suffixes=SUFFIXES,
        sdk=SDK,
        parts=("build/ruby.py",),
    ),
    name="ruby",
    title="Ruby",
    marks=(("index.rb", "index.rb"), ("main.rb", "main.rb"), ("Gemfile", "index.rb")),
    sdks=("ruby",),
    install="install Node.js with npm, which gets the interpreter once",
    memory="128MB",
)
