"""Lua, whose interpreter is loaded with a function's files when it is built."""

from __future__ import annotations

from gojinn.build.interpreted import interpreted
from gojinn.build.interpreter import Interpreter

LANGUAGE = interpreted(
    Interpreter(runtime="lua", suffixes=(".lua",)),
    name="lua",
    title="Lua",
    marks=(("main.lua", "main.lua"), ("init.lua", "init.lua"), ("src/main.lua", "src/main.lua")),
    sdks=("lua",),
)
