"""`redir`, where Caddy's own answers say nothing: mistakes, and pages made of what clients say."""

import pytest

from gojinn.errors import ConfigError
from gojinn.testing.edge import answer, make_request, written


@pytest.mark.parametrize(
    "text", ["redir", "redir * /a 200", "redir * /a 400", "redir * /a sometimes", "redir * /a 301 x y"]
)
def test_mistakes_are_told(text: str) -> None:
    with pytest.raises(ConfigError, match="redir"):
        written("http://localhost {\n" + text + "\n}\n")


async def test_page_is_html_and_escapes_what_it_is_told() -> None:
    request = make_request("/?a=\"><script>alert(1)</script>'")
    response = await answer("http://localhost {\nredir * /to{uri} html\n}\n", request)
    assert isinstance(response.body, bytes)
    assert (b"content-type", b"text/html; charset=utf-8") in response.headers
    assert response.body.count(b"<script>") == 1
    assert b'"><' not in response.body.replace(b'content="0; URL=', b"")


async def test_target_from_a_client_stays_one_field() -> None:
    response = await answer(
        "http://localhost {\nredir {query.to}\n}\n", make_request("/?to=/a%0d%0aSet-Cookie:x")
    )
    assert (b"location", b"/a  Set-Cookie:x") in response.headers
