"""`header`, beyond what is compared with Caddy: deferral with `>`, mistakes."""

import pytest

from gojinn.errors import ConfigError
from gojinn.testing.edge import answer, make_request, written


def site(*lines: str) -> str:
    return "http://localhost {\n" + "\n".join(lines) + "\n}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("header", "wrong arguments for 'header'"),
        ("header +", "wrong arguments for 'header'"),
        ("header X-A a b c", "wrong arguments for 'header'"),
        ("header X-A ( x", "expected a regular expression"),
        ("header X-A 1 {\nX-B 2\n}", "both as arguments and in a block"),
        ("header {\nX-A a ( \n}", ""),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    if not message:
        written(site(text))
        return
    with pytest.raises(ConfigError, match=message):
        written(site(text))


async def test_sign_defers_a_single_change() -> None:
    text = site("header >Content-Type text/late", "header >X-A a b", "header X-A aaa", "respond x")
    response = await answer(text, make_request())
    assert (b"content-type", b"text/late") in response.headers
    assert (b"x-a", b"bbb") in response.headers


async def test_server_field_can_be_deleted() -> None:
    response = await answer(site("header -Server", "respond x"), make_request())
    assert not [name for name, _ in response.headers if name == b"server"]
