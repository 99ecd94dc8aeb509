"""The function: loaded when it is built, asked for each request. How modules are found is `boot`'s."""

from __future__ import annotations

import gc
import importlib
import inspect
import json
import os
import reprlib
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import _gojinn
from gojinn_sdk import Request, Response

from gojinn_runtime import files, output, passwords, standins
from gojinn_runtime.failure import complaint, told

PROBLEM = b'{"title":"the function failed","status":500}'
FAILED = Response.bytes(PROBLEM, "application/problem+json", 500).envelope().encode()
WARN, ERROR = 2, 3
"""Levels of the log."""
SAMPLE = b"""{"method": "POST", "uri": "/a?b=c", "headers": {"Host": ["localhost"]}, "body": "{}"}"""
WARM = 20
"""Requests after which Python has adapted its code to what it does, instead of doing so in each instance."""
THRESHOLD = 10_000
"""Objects from which their cycles are looked for: most requests end before that."""

Handle = Callable[[Request], Any]
Answer = Callable[[bytes, dict[bytes, bytes]], tuple[bytes, int]]


def load(main: str, own: list[str], sources: Any) -> Answer:
    """Imports the function's main module; returns what answers requests. Ends the build with an error."""
    output.redirect()
    files.serve(sources.files)
    passwords.offer()
    sys.meta_path.insert(0, standins.Finder(sources))
    complaints = [said for name in own if (said := checked(sources, name))]
    if complaints:
        refuse("\n".join(complaints).encode())
    handle = imported(main)
    settle()
    return lambda request, environ: answered(handle, request, environ)


def imported(main: str) -> Handle:
    """Runs the function's top level; its handler."""
    try:
        try:
            module = importlib.import_module(main)
        finally:
            _gojinn.loaded()
        handle = getattr(module, "handle", None)
        if not callable(handle):
            refuse("the function defines no 'handle': write 'def handle(request): …'".encode())
        if not takes_request(handle):
            what = f"{place(handle)}'handle{inspect.signature(handle)}' cannot take a request"
            refuse(f"{what}: write 'def handle(request): …'".encode())
    except SystemExit as end:
        refuse(told(end, f"the function called sys.exit({end.code!r}) while it was built"))
    except ModuleNotFoundError as error:
        refuse(told(error, f"{error}: {advice(error.name or '')}"))
    except BaseException as error:  # noqa: BLE001, whatever it is, it is the end of the build
        refuse(told(error))
    return handle


def advice(module: str) -> str:
    """Says what to do about a module that cannot be found."""
    if module.partition(".")[0] in sys.stdlib_module_names:
        return "this part of Python's library needs what a sandbox does not have"
    return "a file of yours goes into the function's folder, a package of others into 'requirements.txt'"


def takes_request(handle: Handle) -> bool:
    """Tells whether a handler can be called with a request alone."""
    try:
        inspect.signature(handle).bind(None)
    except TypeError:
        return False
    except ValueError:  # nobody knows
        return True
    return True


def place(handle: Handle) -> str:
    """Where a handler is, to begin a message with."""
    code = getattr(inspect.unwrap(handle), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}: " if code else ""


def checked(sources: Any, name: str) -> str | None:
    """Compiles a source of the function's own; what is wrong with it."""
    try:
        sources.code(name)
    except (SyntaxError, ValueError) as error:
        return complaint(name, sources.files[name], error)
    return None


def refuse(why: bytes) -> NoReturn:
    """Ends the build."""
    output.flush()
    _gojinn.log(ERROR, why)
    os._exit(1)


def settle() -> None:
    """Makes the memory one to begin requests with: with what they all do done before."""
    output.flush()
    for _ in range(WARM):
        answered(lambda request: {"path": request.path, "query": [*request.query]}, SAMPLE, {})
    gc.collect()
    gc.freeze()  # or each run's collector would touch, and so copy, all that is shared between runs
    gc.set_threshold(THRESHOLD, 10, 10)


def renew(environ: dict[bytes, bytes]) -> None:
    """Makes what a snapshot has frozen this instance's own: the environment, the state of `random`."""
    data: dict[bytes, bytes] = os.environ._data  # type: ignore[attr-defined]
    data.clear()
    data.update(environ)
    if random := sys.modules.get("random"):
        random.seed()


def answered(handle: Handle, request: bytes, environ: dict[bytes, bytes]) -> tuple[bytes, int]:
    """Takes the envelope of a request; returns that of the answer, with the exit code."""
    renew(environ)
    try:
        return finished(response_to(Request(json.loads(request)), handle).envelope().encode())
    except SystemExit as end:
        _gojinn.log(ERROR, told(end, f"the function called sys.exit({end.code!r})"))
        return finished(b"", exit_code(end.code))
    except BaseException as error:  # noqa: BLE001, whatever it is, it is the function's end
        _gojinn.log(ERROR, told(error))
        return finished(FAILED)


def finished(envelope: bytes, code: int = 0) -> tuple[bytes, int]:
    """Sees that what was printed gets out."""
    output.flush()
    return envelope, code


def exit_code(code: Any) -> int:
    """What a program ends with that calls `sys.exit(code)`."""
    if code is None:
        return 0
    return code & 0x7F if isinstance(code, int) else 1


def response_to(request: Request, handle: Handle) -> Response:
    """Asks a handler, which may return a response, or a coroutine of one, or a text, bytes, or JSON."""
    value = handle(request)
    if inspect.iscoroutine(value):
        from gojinn_runtime.loop import run

        value = run(value)
    if isinstance(value, Response):
        return value
    if value is None:
        if request.trigger == "http":
            meant = "write 'return Response.empty()' if that is meant"
            output.flush()
            _gojinn.log(WARN, f"{place(handle)}'handle' returned None, which answers 204: {meant}".encode())
        return Response.empty()
    if isinstance(value, str):
        return Response.text(value)
    if isinstance(value, bytes):
        return Response.bytes(value)
    if isinstance(value, (dict, list)):
        return Response.json(value)
    given = f"{reprlib.repr(value)} ({type(value).__name__})"
    hint = ": write 'return Response.json(value, status)'" if isinstance(value, tuple) else ""
    what = f"{place(handle)}'handle' returned {given}, expected a Response, str, bytes, dict or list"
    raise TypeError(what + hint)
