"""Talks to the admin listener of a running server. What it answers is the server's business."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from gojinn.app import GRAMMAR
from gojinn.cli.options import address_option, caddyfile, config_option, json_option
from gojinn.cli.screen import show_json, wants_json
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

Answer = dict[str, Any]
"""A JSON object of the server."""

TIMEOUT = 120.0
"""Seconds for an answer: a reload compiles modules and waits for every worker."""


@dataclass(frozen=True, slots=True)
class Admin:
    """The admin listener that a command was pointed at, and how its answers are wanted."""

    config: Path
    address: str | None
    as_json: bool = False

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Asks. Raises Unavailable when nobody answers, GojinnError with what is refused."""
        data = b"" if body is None else msgspec.json.encode(body)
        return self.send(method, path, data, "application/json")

    def send(self, method: str, path: str, data: bytes, kind: str = "application/octet-stream") -> Answer:
        """Like `ask`, with a body of any kind."""
        return send(method, find_address(self.config, self.address), path, data, kind)

    def show(self, answer: Answer, shown: Callable[[Answer], None]) -> None:
        """Prints an answer: as JSON when that is wanted or nobody reads along, else as `shown` does."""
        if wants_json(self.as_json):
            show_json(answer)
        else:
            shown(answer)


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options that say which server, which it gets as the argument `admin`."""

    @config_option
    @address_option
    @json_option
    @wraps(command)
    def asked(*args: Any, config: Path, address: str | None, as_json: bool, **rest: Any) -> None:
        command(*args, admin=Admin(config, address, as_json), **rest)

    return asked


def path_of(*parts: str, **query: Any) -> str:
    """Writes what to ask for below `/_sys/`; parameters of the query that are None are left out."""
    given = {name: value for name, value in query.items() if value is not None}
    path = "/_sys/" + "/".join(quote(part, safe="") for part in parts)
    return path + (f"?{urlencode(given)}" if given else "")


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


def send(method: str, address: tuple[str, int], path: str, data: bytes, kind: str) -> Answer:
    """Sends a request to an admin listener and reads its answer."""
    connection = http.client.HTTPConnection(*address, timeout=TIMEOUT)
    where = f"{address[0]}:{address[1]}"
    try:
        connection.request(method, path, data, {"Content-Type": kind} if data else {})
        response = connection.getresponse()
        answer = response.read()
    except TimeoutError as error:
        hint = "it may still be at work on it: its log and 'gojinn status' say what became of it"
        raise Unavailable(f"no answer of {where} within {TIMEOUT:.0f} seconds", hint=hint) from error
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


def understood(answer: bytes, status: int, where: str) -> Answer:
    """Reads an answer. Raises GojinnError for a problem document, and for what is no JSON object."""
    try:
        read: Answer = msgspec.json.decode(answer, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unavailable(f"what answers at {where} is not Gojinn's admin listener") from error
    if status >= 400:
        raise refusal(read, status)
    return read
