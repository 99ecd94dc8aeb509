"""Tests of what a CGI script finds in its environment."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gojinn.config.units import Secret
from gojinn.engine.limits import Surroundings
from gojinn.functions.config import FunctionConfig
from gojinn.functions.lines import Variable
from gojinn.functions.metavariables import Way, surroundings, way_to

CONFIG = FunctionConfig("/srv/guestbook.wasm", response="cgi")
FACTS: dict[str, Any] = {"trace": "00-a-b-00", "tenant": "acme", "client_ip": "192.0.2.7", "trigger": "http"}


def around(
    uri: str = "/",
    headers: dict[str, list[str]] | None = None,
    body: bytes = b"",
    *,
    method: str = "GET",
    config: FunctionConfig = CONFIG,
    way: Way | None = None,
) -> Surroundings:
    return surroundings(config, method, way or way_to(uri), headers or {}, body, **FACTS)


def test_a_request_is_in_the_environment() -> None:
    way = Way(
        *("/app/a%20b/c?d=%20", "/c", "/c", "d=%20"),
        script="/app/a b",
        route="/app/a b/...",
        server="example.org",
        port="8443",
        scheme="https",
        remote_port=5000,
        user="acme",
    )
    headers = {"Host": ["example.org:8443"], "Content-Type": ["text/plain"], "X-Tag": ["1", "2"]}
    assert around(headers=headers, body=b"hello", method="POST", way=way).env == {
        "AUTH_TYPE": "Bearer",
        "CONTENT_LENGTH": "5",
        "CONTENT_TYPE": "text/plain",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "GOJINN_ATTEMPT": "1",
        "GOJINN_TENANT": "acme",
        "GOJINN_TRIGGER": "http",
        "HTTPS": "on",
        "HTTP_HOST": "example.org:8443",
        "HTTP_X_TAG": "1, 2",
        "PATH_INFO": "/c",
        "PATH_TRANSLATED": "/c",
        "QUERY_STRING": "d=%20",
        "REMOTE_ADDR": "192.0.2.7",
        "REMOTE_HOST": "192.0.2.7",
        "REMOTE_PORT": "5000",
        "REMOTE_USER": "acme",
        "REQUEST_METHOD": "POST",
        "REQUEST_SCHEME": "https",
        "REQUEST_URI": "/app/a%20b/c?d=%20",
        "SCRIPT_NAME": "/app/a b",
        "SERVER_NAME": "example.org",
        "SERVER_PORT": "8443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "Gojinn",
        "TRACEPARENT": "00-a-b-00",
        "X_FULL_URL": "https://example.org:8443/app/a%20b/c?d=%20",
        "X_MATCHED_ROUTE": "/app/a b/...",
        "X_RAW_PATH_INFO": "/c",
    }


def test_what_came_by_no_route_has_its_whole_path_behind_the_script() -> None:
    env = around("/sensors/a%2Fb?c", method="MQTT").env
    assert (env["SCRIPT_NAME"], env["PATH_INFO"]) == ("", "/sensors/a/b")
    assert (env["X_RAW_PATH_INFO"], env["QUERY_STRING"]) == ("/sensors/a%2Fb", "c")
    assert (env["REQUEST_METHOD"], env["REQUEST_URI"]) == ("MQTT", "/sensors/a%2Fb?c")
    nowhere = around("").env
    assert (nowhere["PATH_INFO"], nowhere["REQUEST_URI"]) == ("", "/")
    assert "PATH_TRANSLATED" not in nowhere


@pytest.mark.parametrize(
    ("host", "name", "port"),
    [
        ("a.example", "a.example", "80"),
        ("a.example:8080", "a.example", "8080"),
        ("[::1]:81", "[::1]", "81"),
        ("a:b:c", "localhost", "80"),
        ("", "localhost", "80"),
        ("a:1\n", "localhost", "80"),
    ],
)
def test_the_servers_name_is_that_of_the_request(host: str, name: str, port: str) -> None:
    env = around(headers={"Host": [host]}).env
    assert (env["SERVER_NAME"], env["SERVER_PORT"]) == (name, port)


def test_a_body_has_a_length_and_no_body_none() -> None:
    assert "CONTENT_LENGTH" not in around().env
    for headers in ({"Content-Length": ["0"]}, {"Transfer-Encoding": ["chunked"]}):
        env = around(headers=headers, method="POST").env
        assert env["CONTENT_LENGTH"] == "0"
        assert not any(name.startswith("HTTP_") for name in env)


@pytest.mark.parametrize(
    "name",
    [
        *("Proxy", "proxy", "Connection", "Transfer-Encoding", "Te", "Upgrade", "Proxy-Authorization"),
        *("X_Forwarded_For", "X_Forwarded-For", "A=B", "A B", "", "X-Ä", "A\n", "A.B", "A\0"),
    ],
)
def test_fields_that_could_pass_for_others_are_left_out(name: str) -> None:
    env = around(headers={name: ["evil"], "X-Forwarded-For": ["192.0.2.1"]}).env
    assert "evil" not in env.values()
    assert env["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"


def test_credentials_that_are_not_the_servers_reach_the_script() -> None:
    assert around(headers={"Authorization": ["Basic YTpi"]}).env["HTTP_AUTHORIZATION"] == "Basic YTpi"


def test_cookies_are_joined_as_cookies() -> None:
    assert around(headers={"Cookie": ["a=1", "b=2"]}).env["HTTP_COOKIE"] == "a=1; b=2"


def test_a_functions_own_settings_go_before_a_request() -> None:
    own = tuple(Variable(name, Secret("mine")) for name in ("HTTP_X_ROLE", "REQUEST_METHOD", "DATABASE"))
    config = dataclasses.replace(CONFIG, env=own, args=("--safe",))
    headers = {"X-Role": ["admin"], "Database": ["theirs"]}
    found = around("/?--unsafe", headers, config=config)
    assert [found.env[variable.name] for variable in own] == ["mine"] * 3
    assert found.args == ("guestbook", "--safe")


@pytest.mark.parametrize(
    ("method", "query", "words"),
    [
        ("GET", "fresh+bread%20%2B", ("fresh", "bread +")),
        ("HEAD", "50", ("50",)),
        ("GET", "a=1", ()),
        ("GET", "a+b=1", ()),
        ("GET", "a%3D1", ("a=1",)),
        ("GET", "", ()),
        ("GET", "a+%ff", ()),
        ("GET", "a%00b", ()),
        ("GET", "-s", ()),
        ("GET", "a+%2Dd", ()),
        ("POST", "50", ()),
        ("CRON", "50", ()),
    ],
)
def test_a_search_is_in_the_arguments(method: str, query: str, words: tuple[str, ...]) -> None:
    assert around(f"/?{query}", method=method).args == ("guestbook", *words)


def test_what_no_variable_can_hold_is_replaced() -> None:
    env = around("/%ff%00\udcff", {"X-A": ["a\0b\ud800"], "X-B": ["ä"]}).env
    assert (env["PATH_INFO"], env["HTTP_X_A"], env["HTTP_X_B"]) == (
        "/\ufffd\ufffd\ufffd",
        "a\ufffdb\ufffd",
        "ä",
    )
    assert env["REQUEST_URI"] == "/%ff%00\ufffd"
    for text in (*env, *env.values()):
        assert "\0" not in text
        text.encode()
