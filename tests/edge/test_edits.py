"""Edits of fields: names and values from hostile placeholders, wildcards, Host."""

import pytest

from gojinn.edge.edits import Edit, compile_edits, edit_request, wildcard
from gojinn.edge.message import Header
from gojinn.testing.edge import make_request


@pytest.mark.parametrize("name", ["", "bad name", "x:y", "x\r\ny", "ü"])
def test_edit_of_no_name_is_left_out(name: str) -> None:
    headers: list[Header] = []
    request = make_request()
    request.vars["name"] = name
    for action in ("add", "set"):
        compile_edits([Edit(action, "{vars.name}", "x")])(headers, request)
    assert headers == []


def test_replacement_cannot_break_out_of_its_field() -> None:
    headers = [(b"a", b"x")]
    request = make_request()
    request.vars["value"] = "1\r\nEvil: yes"
    compile_edits([Edit("replace", "A", "x", "{vars.value}")])(headers, request)
    assert headers == [(b"a", b"1  Evil: yes")]


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        (b"*", b"any", True),
        (b"x-*", b"x-a", True),
        (b"x-*", b"ax-", False),
        (b"*-a", b"x-a", True),
        (b"*-*", b"xa", False),
        (b"x*y", b"x*y", True),
        (b"x*y", b"xzy", False),
    ],
)
def test_wildcards_at_the_ends(pattern: bytes, name: bytes, matches: bool) -> None:
    assert wildcard(pattern)(name) is matches


@pytest.mark.parametrize(
    ("edit", "host", "port"),
    [
        (Edit("set", "Host", "Other.test:8443"), "other.test", "8443"),
        (Edit("add", "Host", "last.test"), "last.test", ""),
        (Edit("delete", "Host"), "", ""),
        (Edit("set", "Host", "not a host"), "not a host", ""),
    ],
)
def test_host_field_names_the_host(edit: Edit, host: str, port: str) -> None:
    request = make_request()
    edit_request(request, compile_edits([edit]))
    assert (request.host, request.port) == (host, port)
    assert [name for name, _ in request.raw_headers].count(b"host") == 1
