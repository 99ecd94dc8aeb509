"""The cases that every SDK has to pass: read from `sdks/conformance/cases.toml`, sent and compared.

The functions that are asked are the SDKs' own, see `sdks/conformance/README.md`; nothing is built here.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from gojinn.testing.app import App

CASES, CLIENTS = "conformance/cases.toml", "conformance/clients.toml"
"""Those for all SDKs, and those for SDKs whose languages have clients of their own."""
SECRET = "of-the-conformance-suite"
"""What the functions have as their debug secret."""
ANYTHING, NONE = "*", "null"
"""What stands for any value and for null in an expected answer."""

NOBODY = "127.0.0.1:1"
"""Where no server is."""

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One case, as in the file."""

    number: int
    """From 1 on."""
    table: Table

    @property
    def name(self) -> str:
        """What holds."""
        return str(self.table["name"])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def read_cases(sdks: Path, file: str = CASES) -> list[Case]:
    """Reads the cases of a file in the folder of all SDKs."""
    tables = tomllib.loads((sdks / file).read_text(encoding="utf-8"))["case"]
    return [Case(number, table) for number, table in enumerate(tables, 1)]


def site(modules: dict[str, Path], server: str) -> str:
    """Writes the Caddyfile that serves conformance functions, given by their SDKs' names.

    They may ask `server`, the address of `elsewhere`.
    """
    known = {"secret": SECRET, "server": server, "nobody": NOBODY}
    routes = "".join(ROUTE % {"sdk": name, "module": path, **known} for name, path in modules.items())
    return f":0 {{\n{routes}}}\n"


ROUTE = """\
	@%(sdk)s header X-Sdk %(sdk)s
	handle @%(sdk)s {
		gojinn * %(module)s {
			timeout 20s
			memory_limit 256MB
			env GREETING hello
			debug_secret %(secret)s
			allow_host %(server)s %(nobody)s
			db_driver sqlite
			db_dsn tenant:%(sdk)s
			permissions {
				kv_read open/
				kv_write open/
				s3_read open/
				s3_write open/
			}
		}
	}
	queue %(sdk)s %(module)s
"""


async def check(app: App, sdk: str, server: str, case: Case) -> None:
    """Sends a case to an SDK's function. Raises AssertionError that tells what was answered."""
    words = {"{id}": f"{sdk}-{case.number}", "{sdk}": sdk, "{server}": server, "{nobody}": NOBODY}
    table = filled(case.table, words)
    for step in table.get("setup", ()):
        answer = await ask(app, sdk, step)
        assert 200 <= answer.status < 300, f"setup {step['path']}: {answer}"
    compare(await ask(app, sdk, table), table["answer"])


async def ask(app: App, sdk: str, request: Table) -> Answer:
    """Sends one request."""
    body = body_of(request)
    method = request.get("method") or ("GET" if body is None else "POST")
    headers = {"X-Sdk": sdk, "X-Gojinn-Debug": SECRET, **request.get("headers", {})}
    url, sent = app.url + request["path"], None if body is None else BytesIO(body)
    async with app.session.request(method, url, data=sent, headers=headers) as response:
        fields = [(name.lower(), value) for name, value in response.headers.items()]
        return Answer(response.status, fields, await response.read())


def body_of(request: Table) -> bytes | None:
    """Makes a request's body, or that of an expected answer; None where none is said."""
    if "json" in request:
        return json.dumps(request["json"]).encode()
    if "text" in request:
        return str(request["text"]).encode()
    if "pattern" in request:
        size = int(request["pattern"])
        return (bytes(range(256)) * (size // 256 + 1))[:size]
    return None


def compare(answer: Answer, expected: Table) -> None:
    """Raises AssertionError unless an answer is as expected."""
    shown = f"{answer.status} {answer.headers} {answer.body[:500]!r}"
    assert answer.status == expected.get("status", 200), shown
    for name, value in expected.get("headers", {}).items():
        found = [given for key, given in answer.headers if key == name]
        assert found == ([value] if isinstance(value, str) else value), f"{name}: {shown}"
    text = answer.body.decode(errors="replace")
    assert all(part in text for part in expected.get("contains", ())), shown
    assert not any(part in text for part in expected.get("lacks", ())), shown
    if "json" in expected:
        assert is_like(json.loads(text), expected["json"]), f"{shown}, expected {expected['json']}"
    elif (body := body_of(expected)) is not None:
        assert answer.body == body, shown
    logged = [entry for key, value in answer.headers if key == "x-gojinn-logs" for entry in json.loads(value)]
    for entry in expected.get("log", ()):
        assert any(given.startswith(entry) for given in logged), f"log {logged}: {shown}"


def is_like(given: Any, expected: Any) -> bool:
    """Whether a JSON value is as expected, with the two marks in it."""
    if expected == ANYTHING:
        return True
    if expected == NONE:
        return given is None
    if isinstance(expected, dict):
        return (
            isinstance(given, dict)
            and given.keys() == expected.keys()
            and all(is_like(given[key], value) for key, value in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(given, list)
            and len(given) == len(expected)
            and all(is_like(*pair) for pair in zip(given, expected, strict=True))
        )
    return type(given) in (type(expected), *NUMBERS.get(type(expected), ())) and bool(given == expected)


NUMBERS: dict[type, tuple[type, ...]] = {int: (float,), float: (int,)}
"""A number may be written as 2 or 2.0; true is none."""


def filled(value: Any, words: dict[str, str]) -> Any:
    """Puts words in place of marks in all texts of a value."""
    if isinstance(value, str):
        for mark, word in words.items():
            value = value.replace(mark, word)
        return value
    if isinstance(value, dict):
        return {key: filled(each, words) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, words) for each in value]
    return value
