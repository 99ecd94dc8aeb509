"""Cookies of a request."""

import pytest

from gojinn.edge.cookies import cookie
from gojinn.testing.edge import make_request


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("a=1", "1"),
        ("b=0; a=1; a=2", "1"),
        ('a="quoted"', "quoted"),
        ("a=x=y", "x=y"),
        ("A=1", ""),
        ("a", ""),
        (";;=;", ""),
        ('a="', '"'),
    ],
)
def test_first_cookie_of_a_name_counts(header: str, value: str) -> None:
    assert cookie(make_request(headers={"cookie": header}), "a") == value
