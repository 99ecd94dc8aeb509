"""`request_header`: mistakes."""

import pytest

from gojinn.errors import ConfigError
from gojinn.testing.edge import written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("request_header", "wrong arguments"),
        ("request_header ?X 1", "changes response fields only"),
        ("request_header >X 1", "changes response fields only"),
        ("request_header X a b c", "wrong arguments"),
        ("request_header X {\nY\n}", "wrong arguments"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        written("http://localhost {\n" + text + "\n}\n")
