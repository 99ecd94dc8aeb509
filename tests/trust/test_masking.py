"""Tests of keeping secrets out of texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gojinn.trust.masking import MASK, SHORTEST, Masking


def test_every_occurrence_is_replaced() -> None:
    assert Masking(["hunter2"]).mask("hunter2, and hunter2") == "***, and ***"


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert Masking(["secret", "secret-key"]).mask("a secret-key") == "a ***"


def test_secrets_that_are_patterns_are_taken_literally() -> None:
    masking = Masking(["a.*b|c", "(((("])
    assert masking.mask("a.*b|c (((( axxb") == "*** *** axxb"


def test_a_secret_may_span_lines() -> None:
    assert Masking(["-----BEGIN\nKEY"]).mask("x -----BEGIN\nKEY y") == "x *** y"


def test_short_values_are_left() -> None:
    assert Masking(["1", "", "dev"]).mask("dev 1") == "dev 1"


def test_without_secrets_nothing_changes() -> None:
    assert Masking([]).mask("anything") == "anything"


@given(st.lists(st.text("abc*", min_size=SHORTEST, max_size=8), max_size=4), st.text("abc*", max_size=40))
def test_no_secret_is_left_in_any_text(secrets: list[str], text: str) -> None:
    masked = Masking(secrets).mask(text)
    assert not any(secret in part for secret in secrets for part in masked.split(MASK))
