"""What Gojinn calls in a function in Python. Its top level runs once, when the function is built."""

from __future__ import annotations

import ast
import gc
import importlib
import inspect
import json
import linecache
from collections.abc import Iterator
from typing import Any

import gojinn_main
from componentize_py_types import Err
from gojinn_sdk import Request, Response, log
from gojinn_sdk.failure import loaded_from_folders, remember_sources, told
from gojinn_sdk.loop import run
from wit_world import exports

ASKED_LATE = ("_strptime", "encodings.idna", "traceback", "unicodedata", "asyncio")
"""Modules of the standard library that it imports itself when they are needed, which is too late."""

FAILED = Response.bytes(b'{"title":"the function failed","status":500}', "application/problem+json", 500)


def imported_late() -> Iterator[str]:
    """Yields what the function's modules import anywhere, also within functions: only what is loaded while
    the function is built is there when it runs."""
    for module in loaded_from_folders():
        lines = linecache.cache.get(module.__file__ or "")
        if lines is None:
            continue
        for node in ast.walk(ast.parse("".join(lines[2]))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module


def load_all() -> None:
    """Loads what may be wanted while the function runs."""
    remember_sources(loaded_from_folders())
    for name in {*ASKED_LATE, *imported_late()}:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001, what is missing here is missing there too, and an import says so
            continue
    remember_sources(loaded_from_folders())


load_all()


class Handler(exports.Handler):
    """The component's export."""

    def handle(self, request: str) -> str:
        """Takes the envelope of a request and returns that of the answer."""
        try:
            return answered(handle(Request(json.loads(request)))).envelope()
        except SystemExit as end:
            raise Err(f"the function called sys.exit({end.code!r})") from None
        except BaseException as error:  # noqa: BLE001, whatever it is, it is the function's end
            log.error(told(error))
            return FAILED.envelope()


def answered(value: Any) -> Response:
    """Makes a response of what a handler returned: one, or a coroutine of one, or a text, bytes, or JSON."""
    if inspect.iscoroutine(value):
        value = run(value)
    if isinstance(value, Response):
        return value
    if value is None:
        return Response.empty()
    if isinstance(value, str):
        return Response.text(value)
    if isinstance(value, bytes):
        return Response.bytes(value)
    if isinstance(value, (dict, list)):
        return Response.json(value)
    kind = type(value).__name__
    raise TypeError(f"the handler returned {kind}, expected a Response, str, bytes, dict or list")


handle = getattr(gojinn_main.module, "handle", None)
if not callable(handle):
    raise ImportError("the function defines no 'handle': write 'def handle(request): …'")
gc.collect()
gc.freeze()  # or each run's collector would touch, and so copy, all that is shared between runs
