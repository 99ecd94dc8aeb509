import os
from collections.abc import Iterator

import pytest

from gojinn.edge.share import Share, make_share, write_away


@pytest.fixture
def file() -> Iterator[int]:
    made = make_share(3)
    yield made
    os.close(made)


def test_nobody_is_there_at_first(file: int) -> None:
    assert not Share(file, 0).exceeds(1_000_000)


def test_what_one_writes_the_others_see(file: int) -> None:
    one, other = Share(file, 0), Share(file, 2)
    one.write(10)
    other.write(0)
    assert one.exceeds(10)
    assert not other.exceeds(0)


@pytest.mark.parametrize(("least", "most"), [(0, 1), (7, 8), (8, 10), (80, 91)])
def test_a_small_difference_does_not_matter(file: int, least: int, most: int) -> None:
    Share(file, 1).write(least)
    mine = Share(file, 0)
    mine.write(most)
    assert not mine.exceeds(most)
    assert mine.exceeds(most + 1)


def test_who_has_ended_does_not_count(file: int) -> None:
    mine = Share(file, 0)
    Share(file, 1).write(0)
    assert mine.exceeds(5)
    write_away(file, 1)
    assert not mine.exceeds(5)
