"""`try_files` and the `file` matcher, beyond what is compared with Caddy: mistakes, status behind a query."""

from pathlib import Path

import pytest

from gojinn.errors import ConfigError
from gojinn.testing.edge import answer, make_request, written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("try_files", "<files...>"),
        ("try_files a {\npolicy best\n}", "'first_exist'"),
        ("try_files a {\npolic first_exist\n}", "unknown subdirective 'polic'"),
        ("@x file {\ntry_policy best\n}\nrespond @x y", "'first_exist'"),
        ("@x file {\nroot a b\n}\nrespond @x y", "<path>"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        written("http://localhost {\n" + text + "\n}\n")


async def test_status_is_not_reached_when_a_file_was_found(tmp_path: Path) -> None:
    """Caddy 2.6 answers 404 here: a name with a query splits its list."""
    (tmp_path / "a.txt").touch()
    text = (
        f"http://localhost {{\nroot * {tmp_path}\ntry_files {{path}} /a.txt?x=y =404\nrespond {{uri}}\n}}\n"
    )
    assert (await answer(text, make_request("/a.txt"))).body == b"/a.txt"
    assert (await answer(text, make_request("/b.txt"))).body == b"/a.txt?x=y"
