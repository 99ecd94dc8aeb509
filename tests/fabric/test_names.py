"""Names: every text becomes one token and comes back; nothing breaks out of its place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.errors import LimitExceeded
from gojinn.fabric import names

TEXTS = st.text() | st.text(alphabet="=.*>+_- \n\0/\\$aAé😀", max_size=20)
HOSTILE = (
    "",
    ".",
    "*",
    ">",
    "a.b",
    "a b",
    "a\r\nPUB x 1",
    "=",
    "=41",
    "$JS.API",
    "\0",
    "ü",
    "../..",
    "a+b",
    "😀",
)


@given(TEXTS)
def test_escaped_text_comes_back(text: str) -> None:
    assert names.unescape(names.escape(text)) == text


@given(TEXTS)
def test_escaped_text_is_one_harmless_token(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_=-]+", names.escape(text))


@given(TEXTS, TEXTS)
def test_different_texts_have_different_tokens(one: str, other: str) -> None:
    assert (names.escape(one) == names.escape(other)) == (one == other)


@given(st.text(alphabet="=0123456789ABCDEFabcdefgé._-", max_size=12))
def test_a_token_has_one_reading_or_none(token: str) -> None:
    try:
        text = names.unescape(token)
    except ValueError:
        return
    assert names.escape(text) == token


@pytest.mark.parametrize("token", ["=4", "=41", "=2e", "=C3", "a.b", "", "==", "=ZZ", "=FF", "é"])
def test_what_was_never_escaped_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="no escaped text"):
        names.unescape(token)


@given(TEXTS.filter(lambda text: len(text) < 20), st.lists(TEXTS, max_size=3))
def test_a_subject_comes_apart_again(tenant: str, parts: list[str]) -> None:
    assert names.parts_of(names.subject(tenant, "jobs", *parts)) == (tenant, "jobs", tuple(parts))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_parts_stay_within_their_tenant(hostile: str) -> None:
    spelled = names.subject("acme", "kv", hostile)
    assert spelled.startswith("gojinn.acme.kv.")
    assert spelled.count(".") == 3
    assert names.subject(hostile, "kv").count(".") == 2


def test_wildcards_stay_only_in_patterns() -> None:
    assert names.pattern(None, "jobs", "*", ">") == "gojinn.*.jobs.*.>"
    assert names.pattern("*", "jobs", "*") == "gojinn.=2A.jobs.*"
    assert names.pattern("a.b", "jobs", "x*") == "gojinn.a=2Eb.jobs.x=2A"
    assert names.subject("*", "jobs", ">") == "gojinn.=2A.jobs.=3E"


def test_control_subjects_are_no_tenants() -> None:
    assert names.system("reload", "n1") == "gojinn.sys.reload.n1"
    assert not names.subject("sys", "jobs").startswith(names.SYSTEM + ".reload")


def test_streams_are_named_by_kind_and_tenant() -> None:
    assert names.stream("jobs", "default") == "gojinn_jobs_default"
    assert names.stream("kv") == "gojinn_kv"
    assert names.stream("jobs", "a/../b") == "gojinn_jobs_a=2F=2E=2E=2Fb"


SHORT = TEXTS.filter(lambda text: len(names.escape(text)) <= names.LONGEST_NAME // 4)
"""Three of them fit into a name, with what joins them."""


@given(st.lists(SHORT, min_size=1, max_size=3))
def test_a_durable_comes_apart_again(parts: list[str]) -> None:
    name = names.durable(*parts)
    assert names.durable_parts(name) == tuple(parts)
    assert not set(name) & set(". *>/\\")


@pytest.mark.parametrize(
    "spell",
    [
        lambda: names.subject("default", "kv", "k" * 10_000),
        lambda: names.subject("default", "kv", "ü" * 600),
        lambda: names.stream("jobs", "t" * 300),
        lambda: names.durable("q" * 300),
    ],
    ids=["long", "long when escaped", "stream", "durable"],
)
def test_names_that_are_too_long_are_refused(spell: object) -> None:
    with pytest.raises(LimitExceeded, match="is too long: given"):
        spell()  # type: ignore[operator]
