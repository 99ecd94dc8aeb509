"""NKeys: made, kept for their owner only, recognised."""

from __future__ import annotations

from pathlib import Path

import pytest

from gojinn.config.node import parse_seed, parse_user
from gojinn.config.units import BadValue
from gojinn.errors import StartError
from gojinn.fabric.keys import kept_seed, new_seed, public_key


def test_a_new_seed_has_a_public_key() -> None:
    seed = new_seed()
    key = public_key(seed)
    assert parse_user(key) == key
    assert parse_seed(seed.reveal()) == seed
    assert public_key(new_seed()) != key


@pytest.mark.parametrize(
    "text", ["", "SU", "SUüü", "x" * 58, "A" * 999, "SAAB" + "A" * 54, "S\nU", "SUAA" + "A" * 54]
)
def test_what_is_no_seed_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(BadValue) as raised:
        parse_seed(text)
    assert len(text) < 3 or text not in str(raised.value)


@pytest.mark.parametrize("text", ["", "U", "u" * 56, "A" * 56, "U" + "!" * 55])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        parse_user(text)


def test_a_kept_seed_stays_and_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "nkey"
    seed = kept_seed(path)
    assert kept_seed(path) == seed
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_seed_is_told_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "nkey"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(StartError, match="nkey' holds no seed"):
        kept_seed(path)
    with pytest.raises(StartError, match="no such file"):
        kept_seed(tmp_path / "missing" / "nkey")
