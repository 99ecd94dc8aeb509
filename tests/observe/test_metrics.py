"""Counters and histograms."""

import pytest

from gojinn.observe.metrics import Histogram, Metrics, SiteMetrics


@pytest.mark.parametrize(("value", "bucket"), [(0, 0), (1, 0), (1.1, 1), (2, 1), (3, 2), (float("inf"), 2)])
def test_value_counts_in_the_bucket_up_to_its_bound(value: float, bucket: int) -> None:
    histogram = Histogram((1.0, 2.0))
    histogram.add(value)
    assert histogram.counts.index(1) == bucket


def test_histogram_reports_what_is_there() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.5, 5.0):
        histogram.add(value)
    assert histogram.report() == {"count": 3, "sum": 7.0, "buckets": {"1": 1, "2": 1, "inf": 1}}


def test_site_counts_answers() -> None:
    site = SiteMetrics()
    for status in (200, 204, 404, 502, 999):
        site.add(status, 10, 0.01)
    report = site.report()
    assert (report["requests"], report["bytes"]) == (5, 50)
    assert report["statuses"] == {"2xx": 2, "4xx": 1, "5xx": 1, "9xx": 1}


def test_figures_are_kept_by_name() -> None:
    metrics = Metrics()
    metrics.site("a").add(200, 1, 0.1)
    assert metrics.site("a").statuses[2] == 1
    assert metrics.site("b").statuses[2] == 0
