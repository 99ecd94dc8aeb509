import pytest

from gojinn.process.merging import durations, merge, percentile, together, with_times


def test_figures_of_workers_are_added_up() -> None:
    one = {"requests": 1, "statuses": {"2xx": 1}}
    other = {"requests": 2, "statuses": {"2xx": 1, "5xx": 1}}
    assert merge(one, other) == {"requests": 3, "statuses": {"2xx": 2, "5xx": 1}}


def test_of_peaks_the_largest_counts() -> None:
    assert merge({"memory_bytes": 5}, {"memory_bytes": 3}) == {"memory_bytes": 5}


def test_what_only_one_worker_has_is_kept() -> None:
    assert together([{}, {"a": {"n": 1}}, {"b": {"n": 2}}]) == {"a": {"n": 1}, "b": {"n": 2}}


def test_merging_leaves_the_reports_as_they_are() -> None:
    one = {"a": {"n": 1}}
    together([one, {"a": {"n": 1}}])
    assert one == {"a": {"n": 1}}


@pytest.mark.parametrize(
    ("buckets", "wanted", "found"),
    [
        ({"0.001": 100}, 99, 0.001),
        ({"0.001": 98, "0.01": 2}, 99, 0.01),
        ({"10": 1, "0.5": 99}, 99, 0.5),
        ({"0.001": 1, "inf": 99}, 99, None),
        ({}, 0, None),
    ],
    ids=["one", "two", "any order", "beyond all bounds", "none"],
)
def test_a_percentile_is_the_bound_of_its_bucket(
    buckets: dict[str, int], wanted: float, found: float | None
) -> None:
    assert percentile(buckets, wanted) == found


def test_durations_have_mean_and_percentile() -> None:
    histogram = {"count": 4, "sum": 0.02, "buckets": {"0.005": 3, "0.025": 1}}
    assert durations(histogram) == {"count": 4, "mean": 0.005, "p99": 0.025}


def test_nothing_has_no_mean() -> None:
    assert durations({"count": 0, "sum": 0.0, "buckets": {}}) == {"count": 0, "mean": None, "p99": None}


def test_other_figures_stay_beside_the_times() -> None:
    figures = {"f": {"invocations": 1, "seconds": {"count": 1, "sum": 1.0, "buckets": {"1": 1}}}}
    assert with_times(figures)["f"]["invocations"] == 1
