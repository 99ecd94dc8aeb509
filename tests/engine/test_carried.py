"""Files in a module."""

from __future__ import annotations

import wasmtime

from gojinn.engine.carried import carried, with_carried

MODULE = bytes(wasmtime.wat2wasm("(module (func))"))


def test_files_are_found_again_and_the_module_stays_one() -> None:
    files = {"a.dll": b"MZ\0", "empty": b"", "größe": bytes(300)}
    module = with_carried(MODULE, files)
    assert carried(module) == files
    assert carried(MODULE) == {}
    wasmtime.Module(wasmtime.Engine(), module)
