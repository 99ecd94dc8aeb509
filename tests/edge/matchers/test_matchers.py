"""All other matchers, as written in a Caddyfile: what they match and what they refuse to read."""

from typing import Any

import pytest

from gojinn.config.load import load_config
from gojinn.edge.message import TlsSession
from gojinn.errors import ConfigError
from gojinn.testing.edge import CALLING, answer, make_request

TLS = TlsSession("tls1.3", "TLS_AES_128_GCM_SHA256", "a")


def to(**options: Any) -> dict[str, Any]:
    """Describes a request."""
    return options


CASES = [
    ("method GET", [to()], [to(method="POST")]),
    ("method GET POST", [to(), to(method="POST")], [to(method="PUT")]),
    ("method GET\nmethod POST", [to(), to(method="POST")], [to(method="PUT")]),
    ("host a.com", [to(host="a.com"), to(host="A.com:81")], [to(host="b.com"), to(host="a.com.b")]),
    ("host *.a.com", [to(host="x.a.com")], [to(host="a.com"), to(host="x.y.a.com")]),
    ("host a.*.com b.com", [to(host="a.x.com"), to(host="b.com")], [to(host="a.com")]),
    ("host {query.h}", [to(host="a.com", target="/?h=a.com")], [to(host="a.com", target="/?h=b")]),
    ("host ::1", [to(host="[::1]:80")], [to(host="[::2]")]),
    ("header X-A b", [to(headers={"x-a": "b"})], [to(), to(headers={"X-A": "B"})]),
    ("header X-A *", [to(headers={"X-A": ""})], [to()]),
    ("header X-A b*", [to(headers={"X-A": "bc"})], [to(headers={"X-A": "ab"})]),
    ("header X-A *b", [to(headers={"X-A": "ab"})], [to(headers={"X-A": "bc"})]),
    ("header X-A *b*", [to(headers={"X-A": "abc"})], [to(headers={"X-A": "ac"})]),
    ("header X-A b\nheader X-A c", [to(headers={"X-A": "c"})], [to(headers={"X-A": "d"})]),
    ("header X-A b\nheader X-C d", [to(headers={"X-A": "b", "X-C": "d"})], [to(headers={"X-A": "b"})]),
    ("header !X-A", [to()], [to(headers={"X-A": ""})]),
    ("header Host a.com*", [to(host="a.com:81")], [to(host="b.com")]),
    ("header X-A {query.v}", [to(target="/?v=b", headers={"X-A": "b"})], [to(headers={"X-A": "b"})]),
    ("header_regexp X-A ^b+$", [to(headers={"X-A": "bb"})], [to(), to(headers={"X-A": "bc"})]),
    ("query a=1", [to(target="/?a=1"), to(target="/?b=2&a=1")], [to(), to(target="/?a=2&a=1")]),
    ("query a=*", [to(target="/?a"), to(target="/?a=x")], [to(target="/?b=a")]),
    ("query a=1 b=2", [to(target="/?a=1"), to(target="/?b=2")], [to(target="/?c=3")]),
    ("query a=b%20c", [], [to(target="/?a=b%20c")]),
    ('query "a=b c"', [to(target="/?a=b%20c"), to(target="/?a=b+c")], [to(target="/?a=bc")]),
    ('query ""', [to()], [to(target="/?a=1")]),
    ("query a=1 ", [], [to(target="/?a=1&%zz"), to(target="/?a=1;b=2")]),
    ("path_regexp ^/A[0-9]+$", [to(target="/A12"), to(target="//A1")], [to(target="/a1"), to(target="/A")]),
    ("remote_ip 10.0.0.0/8 ::1", [to(remote="10.1.2.3"), to(remote="::1")], [to(), to(remote="11.0.0.1")]),
    ("remote_ip 10.0.0.0/8", [to(remote="::ffff:10.0.0.1")], [to(headers={"X-Forwarded-For": "10.0.0.1"})]),
    ("remote_ip private_ranges", [to(), to(remote="192.168.1.1")], [to(remote="8.8.8.8")]),
    (
        "remote_ip forwarded 10.0.0.0/8",
        [to(headers={"X-Forwarded-For": "10.0.0.1:99, 8.8.8.8"}), to(remote="10.0.0.1")],
        [to(), to(headers={"X-Forwarded-For": "8.8.8.8, 10.0.0.1"}), to(headers={"X-Forwarded-For": "x"})],
    ),
    ("client_ip 127.0.0.1", [to()], [to(remote="8.8.8.8", headers={"X-Forwarded-For": "127.0.0.1"})]),
    ("protocol http", [to()], [to(tls=TLS)]),
    ("protocol https", [to(tls=TLS)], [to()]),
    ("protocol grpc", [to(headers={"Content-Type": "application/grpc+proto"})], [to()]),
    ("protocol http/1.1", [to()], []),
    ("protocol http/2+", [], [to(), to(tls=TLS)]),
    ("vars {path} /a /b", [to(target="/a"), to(target="/b")], [to(target="/c")]),
    ("vars color red", [], [to()]),
    ("vars_regexp {path} ^/a", [to(target="/ab")], [to(target="/b")]),
    ("not path /a", [to(target="/b")], [to(target="/a")]),
    ("not path /a\nnot path /b", [to(target="/c")], [to(target="/a"), to(target="/b")]),
    ("not {\npath /a\nmethod GET\n}", [to(target="/b"), to(target="/a", method="PUT")], [to(target="/a")]),
    ("path /a\npath /b", [to(target="/a"), to(target="/b")], [to(target="/c")]),
    ("path /a\nmethod GET", [to(target="/a")], [to(target="/a", method="PUT"), to(target="/b")]),
]


@pytest.mark.parametrize(("text", "wanted", "unwanted"), CASES, ids=[case[0] for case in CASES])
async def test_matcher_matches_as_in_caddy(text: str, wanted: list[Any], unwanted: list[Any]) -> None:
    caddyfile = f":80 {{\n@m {{\n{text}\n}}\nrespond @m yes\n}}\n"
    assert [(await answer(caddyfile, make_request(**options))).body for options in wanted] == [b"yes"] * len(
        wanted
    )
    assert [(await answer(caddyfile, make_request(**options))).body for options in unwanted] == [b""] * len(
        unwanted
    )


REFUSED = [
    "path",
    "method",
    "method G(T",
    "host",
    "header",
    "header X-A",
    "header X-A a b",
    "header !X-A a",
    "header !",
    "header_regexp X-A",
    "header_regexp X-A (",
    "query",
    "query a",
    "path_regexp",
    "path_regexp (",
    "path_regexp a b c",
    "remote_ip",
    "remote_ip forwarded",
    "remote_ip 1.2.3",
    "remote_ip 10.0.0.0/33",
    "client_ip",
    "client_ip x",
    "protocol",
    "protocol gopher",
    "protocol http https",
    "vars",
    "vars a",
    "vars_regexp a",
    "vars_regexp a (",
    "not",
    "not nonsense x",
    "expression {method} == 'GET'",
]


@pytest.mark.parametrize("text", REFUSED)
def test_malformed_matcher_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config("Caddyfile", CALLING, env={}, text=f":80 {{\n@m {{\n{text}\n}}\nrespond @m yes\n}}\n")
    assert caught.value.place is not None
    assert caught.value.place.line == 3


@pytest.mark.parametrize(
    ("matcher", "placeholder", "value"),
    [
        ("path_regexp n ^/(a)(?P<rest>.*)$", "{re.n.0}|{re.n.1}|{re.n.2}|{re.n.rest}", b"/abc|a|bc|bc"),
        ("path_regexp ^/(a)", "{http.regexp.1}", b"a"),
        ("path_regexp n ^/(x)?", "[{re.n.1}]", b"[]"),
        ("header_regexp h X-A (b+)", "{re.h.1}", b"bb"),
        ("vars_regexp v {path} (b)", "{re.v.1}", b"b"),
    ],
)
async def test_groups_become_placeholders(matcher: str, placeholder: str, value: bytes) -> None:
    request = make_request("/abc", headers={"X-A": "abba"})
    response = await answer(f":80 {{\n@m {matcher}\nrespond @m `{placeholder}`\n}}\n", request)
    assert response.body == value


async def test_variables_are_compared_with_what_was_set() -> None:
    caddyfile = ":80 {{\nvars {{\na 1\nb 2\n}}\n@m {{\n{}\n}}\nrespond @m yes\n}}\n"
    for text, body in {
        "vars a 1": b"yes",
        "vars a 2": b"",
        "vars a 2 1": b"yes",
        "vars a 9\nvars b 2": b"yes",
        'vars c ""': b"",
        "vars_regexp b ^[0-9]$": b"yes",
    }.items():
        assert (await answer(caddyfile.format(text), make_request())).body == body
