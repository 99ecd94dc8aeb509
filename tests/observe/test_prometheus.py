"""Prometheus' text format, read back by Prometheus' own client."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from gojinn.observe.metrics import SECONDS, Histogram
from gojinn.observe.prometheus import SHOWN, Family, render


def test_figures_come_back_as_they_were() -> None:
    requests = Family("gojinn_requests_total", "counter", "Answers.")
    requests.add(3, site='a"b\\c\nd', status="2xx")
    requests.add(0.5, site="ü")
    requests.add(None, site="none")
    read = list(text_string_to_metric_families(render([requests])))
    assert [(each.type, each.documentation) for each in read] == [("counter", "Answers.")]
    samples = [(each.labels, each.value) for each in read[0].samples]
    assert samples == [({"site": 'a"b\\c\nd', "status": "2xx"}, 3), ({"site": "ü"}, 0.5)]


def test_buckets_are_cumulative_and_complete() -> None:
    histogram = Histogram(SECONDS)
    for value in (0.05, 0.5, 0.5, 70.0):
        histogram.add(value)
    family = Family("gojinn_seconds", "histogram", "Time.")
    family.add_histogram(histogram.report(), function="f")
    (read,) = text_string_to_metric_families(render([family]))
    buckets = {each.labels["le"]: each.value for each in read.samples if "le" in each.labels}
    assert list(map(float, buckets)) == [*SECONDS, float("inf")]
    assert (buckets["0.025"], buckets["0.05"], buckets["0.5"], buckets["30"], buckets["+Inf"]) == (
        0,
        1,
        3,
        3,
        4,
    )
    assert [each.value for each in read.samples if "le" not in each.labels] == [71.05, 4]


def test_a_family_without_samples_is_left_out() -> None:
    assert render([Family("gojinn_x", "gauge", "Nothing.")]) == ""


def test_a_label_with_too_many_values_is_cut() -> None:
    family = Family("gojinn_x", "gauge", "Many.")
    for number in range(SHOWN + 10):
        family.add(number, label=number)
    assert len(family.samples) == SHOWN
