"""Prometheus' text format, read back by Prometheus' own client."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from gojinn.observe.metrics import Histogram
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


def test_buckets_are_cumulative() -> None:
    histogram = Histogram((0.1, 1.0))
    for value in (0.05, 0.5, 0.5, 7.0):
        histogram.add(value)
    family = Family("gojinn_seconds", "histogram", "Time.")
    family.add_histogram(histogram.report(), function="f")
    (read,) = text_string_to_metric_families(render([family]))
    found = {each.labels.get("le", each.name[-5:]): each.value for each in read.samples}
    assert found == {"0.1": 1, "1": 3, "+Inf": 4, "_count"[-5:]: 4, "s_sum"[-5:]: 8.05}


def test_a_family_without_samples_is_left_out() -> None:
    assert render([Family("gojinn_x", "gauge", "Nothing.")]) == ""


def test_a_label_with_too_many_values_is_cut() -> None:
    family = Family("gojinn_x", "gauge", "Many.")
    for number in range(SHOWN + 10):
        family.add(number, label=number)
    assert len(family.samples) == SHOWN
