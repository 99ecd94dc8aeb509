"""`respond`, where Caddy's own answers say nothing: mistakes and hostile placeholders."""

import pytest

from gojinn.errors import ConfigError
from gojinn.testing.edge import Serve, answer, make_request, written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("respond", "expected <status>|<body> [<status>]"),
        ("respond a b c d", "expected <status>|<body> [<status>]"),
        ('respond "x" 99', "given '99', expected an HTTP status"),
        ("respond 103", "given '103', expected an HTTP status"),
        ("respond x {\nbody y\n}", "the body is given twice"),
        ("respond 200 {\nbdy y\n}", "unknown subdirective 'bdy'"),
        ("respond 200 {\nclose now\n}", "wrong arguments for 'close'"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("|", r"\|").replace("[", r"\[")):
        written("http://localhost {\n" + text + "\n}\n")


async def test_bytes_that_are_no_text_come_back_as_they_were() -> None:
    response = await answer('http://localhost {\nrespond "{query.a}{path}"\n}\n', make_request("/%ff?a=%fe"))
    assert response.body == b"\xfe/\xff"


async def test_close_ends_the_connection(serve: Serve) -> None:
    client = await (await serve("http://localhost {\nrespond x {\nclose\n}\n}\n")).connect()
    reply = await client.get()
    assert (reply.headers["connection"], await client.ended()) == ("close", b"")


async def test_head_and_bodiless_statuses_send_no_body(serve: Serve) -> None:
    client = await (await serve("http://localhost {\nrespond /a text\nrespond /b text 204\n}\n")).connect()
    assert (await client.ask("HEAD", "/a")).headers["content-length"] == "4"
    assert (await client.get("/b")).status == 204
    assert (await client.get("/a")).body == b"text"
