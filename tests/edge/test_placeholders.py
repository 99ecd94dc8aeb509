"""Texts with placeholders. Checked against Caddy 2.6."""

import pytest

from gojinn.edge.message import TlsSession
from gojinn.edge.placeholders import Template
from gojinn.testing.edge import make_request

REQUEST = make_request(
    "/a/b%20c/x.tar.gz?x=1&y=2&x=3%20",
    method="PUT",
    host="www.Example.com:81",
    headers={"Cookie": 'one=1; Two="2"', "X-A": "v"},
    remote="10.0.0.1",
)
REQUEST.vars["color"] = "red"
REQUEST.vars["count"] = 3

KNOWN = {
    "plain text": "plain text",
    "": "",
    "{host}": "www.example.com",
    "{hostport} {port}": "www.example.com:81 81",
    "{labels.0} {labels.2} [{labels.3}]": "com www []",
    "{method} {scheme} {http.request.proto}": "PUT http HTTP/1.1",
    "{path}": "/a/b c/x.tar.gz",
    "{path.0} {path.1} [{path.9}]": "a b c []",
    "{dir} {file} {file.base} {file.ext}": "/a/b c/ x.tar.gz x.tar .gz",
    "{query} {query.x} [{query.z}]": "x=1&y=2&x=3%20 1,3  []",
    "{uri}": "/a/b%20c/x.tar.gz?x=1&y=2&x=3%20",
    "{remote} {remote_host} {remote_port} {client_ip}": "10.0.0.1:50000 10.0.0.1 50000 10.0.0.1",
    "{header.x-a} [{header.none}]": "v []",
    "{cookie.ONE} {cookie.two}": "1 2",
    "{vars.color} {vars.count} [{vars.none}]": "red 3 []",
    "{env.GOJINN_TEST} [{env.GOJINN_NONE}]": "given []",
    "{http.request.orig_uri.path} {http.request.orig_method}": "/a/b c/x.tar.gz PUT",
    "{system.slash}": "/",
    "\\{host\\}": "{host}",
    'a "{host}" b': 'a "www.example.com" b',
    "{": "{",
    "}": "}",
    "{host": "{host",
    "host}": "host}",
}
DIFFERENT = {
    "{unknown}": ("", "{unknown}"),
    "{}": ("", "{}"),
    '{"a": 1}': ("", '{"a": 1}'),
    '{"a": {host}}': ("}", '{"a": www.example.com}'),
    "{a{host}b}": ("b}", "{awww.example.comb}"),
    "{cookie.none}": ("", "{http.request.cookie.none}"),
    "{re.n.1}": ("", "{http.regexp.n.1}"),
    "{path.x}": ("", "{http.request.uri.path.x}"),
    "{tls_version}": ("", "{http.request.tls.version}"),
    "{err.status_code}": ("", "{http.error.status_code}"),
    "{header.a.b}": ("", "{header.a.b}"),
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOJINN_TEST", "given")
    monkeypatch.delenv("GOJINN_NONE", raising=False)


@pytest.mark.parametrize("keep", [False, True], ids=["drop", "keep"])
@pytest.mark.parametrize("text", KNOWN)
def test_known_placeholders_are_replaced(text: str, keep: bool) -> None:
    assert Template(text, keep_unknown=keep).render(REQUEST) == KNOWN[text]


@pytest.mark.parametrize("text", DIFFERENT)
def test_unknown_placeholders_are_dropped_or_kept(text: str) -> None:
    rendered = tuple(Template(text, keep_unknown=keep).render(REQUEST) for keep in (False, True))
    assert rendered == DIFFERENT[text]


@pytest.mark.parametrize(
    ("text", "constant"),
    [("abc", "abc"), ("{env.GOJINN_TEST}", "given"), ("{unknown}", ""), ("{host}", None)],
)
def test_text_that_no_request_changes_is_constant(text: str, constant: str | None) -> None:
    assert Template(text).constant == constant


def test_rewritten_request_shows_what_it_is_now_and_was() -> None:
    request = make_request("/old?a=b")
    request.path, request.query, request.method = "/new file", "c=d", "POST"
    text = "{method} {uri} {http.request.orig_method} {http.request.orig_uri} {http.request.orig_uri.path.0}"
    assert Template(text).render(request) == "POST /new%20file?c=d GET /old?a=b old"


def test_encrypted_connection_shows_what_was_negotiated() -> None:
    request = make_request(tls=TlsSession("tls1.3", "TLS_AES_128_GCM_SHA256", "a.com"))
    text = "{scheme} {tls_version} {tls_cipher} {http.request.tls.server_name}"
    assert Template(text).render(request) == "https tls1.3 TLS_AES_128_GCM_SHA256 a.com"


def test_uuid_stays_the_same_for_a_request() -> None:
    request = make_request()
    first = Template("{http.request.uuid}").render(request)
    assert (
        Template("{http.request.uuid}").render(request)
        == first
        != Template("{http.request.uuid}").render(REQUEST)
    )


def test_trace_id_is_that_of_the_request() -> None:
    request = make_request()
    assert Template("{trace_id}").render(request) == request.trace.trace_id


@pytest.mark.parametrize(
    "name",
    [
        "time.now",
        "time.now.http",
        "time.now.unix",
        "time.now.unix_ms",
        "time.now.year",
        "time.now.common_log",
    ],
)
def test_times_are_there(name: str) -> None:
    assert Template(f"{{{name}}}").render(REQUEST)


@pytest.mark.parametrize("path", ["/", "", "/.", "/.hidden", "/a/", "/a.b/c", "/x.", "//"])
def test_odd_paths_have_files_and_folders(path: str) -> None:
    request = make_request()
    request.path = path
    assert Template("{dir}{file}").render(request) == path
    Template("{file.base}{file.ext}").render(request)


def test_host_of_ipv6_is_bracketed_with_its_port() -> None:
    assert Template("{host} {hostport}").render(make_request(host="[::1]:8")) == "::1 [::1]:8"


def test_odd_bytes_survive() -> None:
    request = make_request("/%ff%fe?q=%ff")
    assert Template("{path}{query.q}").render(request).encode("utf-8", "surrogateescape") == b"/\xff\xfe\xff"


def test_many_open_braces_take_no_time() -> None:
    assert Template("{" * 20_000, keep_unknown=True).constant == "{" * 20_000
