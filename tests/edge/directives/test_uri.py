"""`uri`, `rewrite`, `handle_path`: mistakes."""

import pytest

from gojinn.errors import ConfigError
from gojinn.testing.edge import written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("uri", "strip_prefix <prefix>"),
        ("uri strip /a", "strip_prefix <prefix>"),
        ("uri strip_prefix", "strip_prefix <prefix>"),
        ("uri strip_suffix a b", "strip_suffix <suffix>"),
        ("uri replace a", "replace <find> <replacement>"),
        ("uri replace a b c", "expected a whole number"),
        ('uri replace "" b', "given an empty text"),
        ("uri path_regexp ( b", "expected a regular expression"),
        ("rewrite", "wrong arguments for 'rewrite'"),
        ("rewrite * /a /b", "wrong arguments for 'rewrite'"),
        ("handle_path {\n}", "wrong arguments for 'handle_path'"),
        ("handle_path api {\n}", "expected one that starts with '/'"),
        ("handle /a /b {\n}", "wrong arguments for 'handle'"),
        ("route /a /b {\n}", "wrong arguments for 'route'"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")):
        written("http://localhost {\n" + text + "\n}\n")
