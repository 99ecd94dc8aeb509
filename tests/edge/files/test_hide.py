"""Hidden files by name, by path and by wildcard."""

import pytest

from gojinn.edge.files.hide import Hidden
from gojinn.testing.edge import make_request


@pytest.mark.parametrize(
    ("pattern", "path", "hidden"),
    [
        (".git", "/srv/.git", True),
        (".git", "/srv/.git/config", True),
        (".git", "/srv/x.git", False),
        (".*", "/srv/a/.b/c", True),
        ("*.key", "/srv/a.key/b", True),
        ("/srv/a", "/srv/a", True),
        ("/srv/a", "/srv/a/b", True),
        ("/srv/a", "/srv/ab", False),
        ("./a", "/srv/a", True),
        ("./a", "/srv/b/a", False),
        ("/srv/*/x", "/srv/a/x", True),
        ("/srv/*/x", "/srv/a/b/x", False),
        ("/srv/a", "/srv/b/../a/c", True),
        ("[", "/srv/[", False),
        ("{query.h}", "/srv/secret", True),
    ],
)
def test_patterns_hide(pattern: str, path: str, hidden: bool) -> None:
    assert Hidden([pattern], "/srv").holds(path, make_request("/?h=secret")) is hidden
