"""Talks to the admin listener of a running server. What it answers is the server's business."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path
from typing import Any

import msgspec

from gojinn.app import GRAMMAR
from gojinn.cli.options import caddyfile
from gojinn.config.load import load_config
from gojinn.config.model import Options
from gojinn.config.units import BadValue, parse_hostport
from gojinn.errors import (
    ConfigError,
    GojinnError,
    ModuleError,
    NotFound,
    StartError,
    Unavailable,
    UsageError,
)

TIMEOUT = 120.0
"""Seconds for an answer: a reload compiles modules and waits for every worker."""


def find_address(config: Path, given: str | None) -> tuple[str, int]:
    """Returns where the admin listener is: as given, as the Caddyfile says, or where it is by default.

    Raises UsageError for an address that is none, NotFound when the Caddyfile turns the listener off.
    """
    text = given or configured(caddyfile(config))
    if text == "off":
        raise NotFound("the Caddyfile turns the admin listener off", hint="remove 'admin off' from it")
    try:
        host, port = parse_hostport(text)
    except BadValue as bad:
        raise UsageError(str(bad)) from bad
    return host or "127.0.0.1", port


def configured(path: Path) -> str:
    """Reads the admin address of a Caddyfile; without one it is the default."""
    if not path.exists():
        return Options().admin
    return load_config(str(path), GRAMMAR).options.admin


def ask(method: str, address: tuple[str, int], path: str, body: Any = None) -> dict[str, Any]:
    """Asks the admin listener. Raises Unavailable when nobody answers, GojinnError with what it refuses."""
    data = b"" if body is None else msgspec.json.encode(body)
    return ask_raw(method, address, path, data, "application/json")


def ask_raw(
    method: str, address: tuple[str, int], path: str, data: bytes, kind: str = "application/octet-stream"
) -> dict[str, Any]:
    """Like `ask`, with a body of any kind."""
    connection = http.client.HTTPConnection(*address, timeout=TIMEOUT)
    where = f"{address[0]}:{address[1]}"
    try:
        connection.request(method, path, data, {"Content-Type": kind} if data else {})
        response = connection.getresponse()
        answer = response.read()
    except (OSError, socket.gaierror, http.client.HTTPException) as error:
        hint = "start the server with 'gojinn up', or name its admin address with --address"
        raise Unavailable(f"no server answers at {where}: {reason(error)}", hint=hint) from error
    finally:
        connection.close()
    return understood(answer, response.status, where)


def reason(error: Exception) -> str:
    """Says in short why there was no answer."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def refusal(problem: dict[str, Any], status: int) -> GojinnError:
    """Makes the error of a problem document; the report of a wrong configuration holds its hints already."""
    text = str(problem.get("detail") or problem.get("title") or f"status {status}")
    if problem.get("code") in (ConfigError.code, ModuleError.code):
        return ConfigError(text)
    kind = StartError if problem.get("code") == StartError.code else GojinnError
    return kind(text, hint=problem.get("hint"))


def understood(answer: bytes, status: int, where: str) -> dict[str, Any]:
    """Reads an answer. Raises GojinnError for a problem document, and for what is no JSON object."""
    try:
        read: dict[str, Any] = msgspec.json.decode(answer, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unavailable(f"what answers at {where} is not Gojinn's admin listener") from error
    if status >= 400:
        raise refusal(read, status)
    return read
