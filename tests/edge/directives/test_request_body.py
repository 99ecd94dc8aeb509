"""`request_body`: mistakes. How a limit is kept is the body's business."""

import pytest

from gojinn.errors import ConfigError
from gojinn.testing.edge import written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("request_body 1MB", "at most a matcher, then a block"),
        ("request_body {\nmax_size lots\n}", "expected a size such as"),
        ("request_body {\nmin_size 1\n}", "unknown subdirective 'min_size'"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        written("http://localhost {\n" + text + "\n}\n")
