"""`vars` and `root`: mistakes, numbers."""

import pytest

from gojinn.edge.directives.vars import plain_number
from gojinn.errors import ConfigError
from gojinn.testing.edge import written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vars", "<name> <value>"),
        ("vars a", "<name> <value>"),
        ("vars {\na\n}", "<value>"),
        ("vars {\na b c\n}", "<value>"),
        ("root", "expected a path behind the matcher"),
        ("root /srv", "expected a path behind the matcher"),
        ("root * a b", "wrong arguments for 'root'"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        written("http://localhost {\n" + text + "\n}\n")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.5, "1.5"),
        (2.0, "2"),
        (1e-7, "0.0000001"),
        (1.25e-7, "0.000000125"),
        (1e21, "1" + "0" * 21),
        (-0.5, "-0.5"),
    ],
)
def test_numbers_are_written_out(number: float, text: str) -> None:
    assert plain_number(number) == text
