"""Edits of header fields, shared by `header`, `request_header` and `reverse_proxy`. When is the caller's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.fields import read_value
from gojinn.edge.headers import drop, every, field_name, field_text, field_value, first, put
from gojinn.edge.hosts import split_authority
from gojinn.edge.message import Header, Request
from gojinn.edge.placeholders import Template
from gojinn.edge.regexp import compile_regexp, parse_regexp, replace_all

EXPECTED = "[+|-|?|>]<field> [<value>|<find>] [<replace>]"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of header fields."""

    action: str
    """`add`, `set`, `delete`, `replace`, or `default` (set where the field is missing)."""
    field: str
    """Name of the field; deletes may hold `*` at either end, replacements may be `*`."""
    value: str = ""
    """The value, or the regular expression to find."""
    replacement: str = ""
    deferred: bool = False
    """Whether it was asked to wait until the response is there (`>`)."""


Step = Callable[[list[Header], Request], None]


def parse_edit(node: Node, field: str, rest: tuple[str, ...]) -> Edit:
    """Reads one edit: a field name with its sign, and up to two arguments."""
    if len(rest) > 2 or not field.strip("+-?>:"):
        raise node.wrong_args(EXPECTED)
    sign, value = field[0], rest[0] if rest else ""
    field = field.removesuffix(":")
    if sign == "+":
        return Edit("add", field[1:], value)
    if sign == "-":
        return Edit("delete", field[1:])
    if sign == "?":
        return Edit("default", field[1:], value)
    name = field.removeprefix(">")
    if len(rest) == 2 and rest[1]:
        read_value(node.args[-2], parse_regexp, node.text)
        return Edit("replace", name, value, rest[1], deferred=sign == ">")
    return Edit("set", name, value, deferred=sign == ">")


def compile_edits(edits: Iterable[Edit]) -> Step:
    """Makes one function that applies edits in Caddy's order: add, set, delete, replace."""
    edits = tuple(edits)
    steps = [
        *(adding(edit) for edit in edits if edit.action == "add"),
        *(setting(edit) for edit in edits if edit.action in ("set", "default")),
        *(deleting(edit) for edit in edits if edit.action == "delete"),
        *(replacing(edit) for edit in edits if edit.action == "replace"),
    ]

    def apply(headers: list[Header], request: Request) -> None:
        for step in steps:
            step(headers, request)

    return steps[0] if len(steps) == 1 else apply


def adding(edit: Edit) -> Step:
    """Appends a field."""
    name, value = Template(edit.field, keep_unknown=True), Template(edit.value, keep_unknown=True)

    def step(headers: list[Header], request: Request) -> None:
        key = field_name(name.render(request))
        if key is not None:
            headers.append((key, field_value(value.render(request))))

    return step


def setting(edit: Edit) -> Step:
    """Sets a field."""
    name, value = Template(edit.field, keep_unknown=True), Template(edit.value, keep_unknown=True)

    def step(headers: list[Header], request: Request) -> None:
        key = field_name(name.render(request))
        if key is not None:
            put(headers, key, field_value(value.render(request)))

    return step


def deleting(edit: Edit) -> Step:
    """Removes a field, or all that start, end with or contain a text."""
    name = Template(edit.field, keep_unknown=True)

    def step(headers: list[Header], request: Request) -> None:
        pattern = name.render(request).lower().encode("utf-8", "surrogateescape")
        if b"*" not in pattern:
            drop(headers, pattern)
            return
        test = wildcard(pattern)
        headers[:] = [pair for pair in headers if not test(pair[0])]

    return step


def wildcard(pattern: bytes) -> Callable[[bytes], bool]:
    """Makes the test of a name with `*` in front, at the end or both; elsewhere it is plain text."""
    front, back = pattern.startswith(b"*"), pattern.endswith(b"*")
    core = pattern[front : len(pattern) - back if len(pattern) > 1 else None]
    if front and back:
        return lambda name: core in name
    if front:
        return lambda name: name.endswith(core)
    return (lambda name: name.startswith(core)) if back else (lambda name: name == core)


def replacing(edit: Edit) -> Step:
    """Replaces within the values of a field, or of all fields (`*`)."""
    name = Template(edit.field, keep_unknown=True)
    replacement = Template(edit.replacement, keep_unknown=True)
    pattern = compile_regexp(edit.value) if edit.value else re.compile("")

    def step(headers: list[Header], request: Request) -> None:
        wanted = name.render(request).lower().encode("utf-8", "surrogateescape")
        text = replacement.render(request)
        for at, (key, value) in enumerate(headers):
            if wanted in (b"*", key):
                headers[at] = key, field_value(replace_all(pattern, text, field_text(value)))

    return step


def edit_request(request: Request, apply: Step) -> None:
    """Applies edits to a request's fields; the last Host value becomes the host that directives see."""
    with_one_host(apply)(request.raw_headers, request)
    host = first(request.raw_headers, b"host") or b""
    request.host, request.port = split_authority(host) or (field_text(host), "")


def with_one_host(apply: Step) -> Step:
    """Makes edits of a request's fields leave one Host: the last."""

    def step(headers: list[Header], request: Request) -> None:
        apply(headers, request)
        hosts = every(headers, b"host") or [b""]
        put(headers, b"host", hosts[-1])

    return step
