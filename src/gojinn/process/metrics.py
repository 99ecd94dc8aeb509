"""Which figures Prometheus gets, and under which names. Collecting them is `status`'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gojinn.observe.prometheus import Family
from gojinn.process.merging import together
from gojinn.process.usage import Usage

Figures = Mapping[str, Any]


def families(reports: Sequence[Figures], nats: Figures, usages: Iterable[Usage | None]) -> Iterator[Family]:
    """Makes the families from what all workers and NATS have reported."""
    yield from process_families(list(usages))
    yield from site_families(together(report.get("sites", {}) for report in reports))
    yield from function_families(together(report.get("functions", {}) for report in reports))
    yield from object_families(together(report.get("capabilities", {}).get("blob", {}) for report in reports))
    yield from outgoing_families(
        together(report.get("capabilities", {}).get("http", {}) for report in reports)
    )
    yield from sandbox_families(reports)
    if nats:
        yield from connection_families([report["nats"] for report in reports if "nats" in report])
        yield from server_families(nats)
        yield from stream_families(nats.get("streams", ()))
        yield from consumer_families(nats.get("consumers", ()))
        yield from letter_families(nats.get("dead_letters", {}))


def process_families(usages: list[Usage | None]) -> Iterator[Family]:
    """What the workers' processes use."""
    up = Family("gojinn_workers", "gauge", "Workers that are there.")
    up.add(len(usages))
    memory = Family("gojinn_worker_memory_bytes", "gauge", "Resident memory, by worker.")
    time = Family("gojinn_worker_cpu_seconds_total", "counter", "Processor time, by worker.")
    for number, used in enumerate(usages):
        if used is not None:
            memory.add(used.rss, worker=number)
            time.add(used.cpu, worker=number)
    yield from (up, memory, time)


def site_families(sites: Figures) -> Iterator[Family]:
    """What the sites have answered."""
    requests = Family("gojinn_requests_total", "counter", "Answers, by site and first digit of the status.")
    seconds = Family("gojinn_request_seconds", "histogram", "From a request's head to the end of its answer.")
    size = Family("gojinn_response_bytes_total", "counter", "Bytes of bodies sent.")
    for name, figures in sites.items():
        for status, count in figures["statuses"].items():
            requests.add(count, site=name, status=status)
        seconds.add_histogram(figures["seconds"], site=name)
        size.add(figures["bytes"], site=name)
    yield from (requests, seconds, size)


def function_families(functions: Figures) -> Iterator[Family]:
    """What the functions have done."""
    seconds = Family("gojinn_invocation_seconds", "histogram", "Duration of invocations.")
    failures = Family("gojinn_invocation_failures_total", "counter", "Invocations that failed, by reason.")
    denials = Family("gojinn_denials_total", "counter", "Host calls that were not granted.")
    memory = Family("gojinn_invocation_memory_bytes", "gauge", "Memory of the largest invocation so far.")
    fuel = Family("gojinn_fuel_total", "counter", "Fuel of all invocations.")
    for name, figures in functions.items():
        seconds.add_histogram(figures["seconds"], function=name)
        for reason, count in figures["failures"].items():
            failures.add(count, function=name, reason=reason)
        for what, count in figures.get("denials", {}).items():
            denials.add(count, function=name, what=what)
        memory.add(figures["memory_bytes"], function=name)
        fuel.add(figures["fuel"], function=name)
    yield from (seconds, failures, denials, memory, fuel)


def object_families(buckets: Figures) -> Iterator[Family]:
    """What was done to objects."""
    operations = Family("gojinn_object_operations_total", "counter", "Operations on objects, by bucket.")
    size = Family("gojinn_object_bytes_total", "counter", "Bytes of objects that were put and got.")
    for name, figures in buckets.items():
        for what, count in figures.items():
            if what.endswith("_bytes"):
                size.add(count, bucket=name, operation=what.removesuffix("_bytes"))
            elif isinstance(count, int):
                operations.add(count, bucket=name, operation=what)
    yield from (operations, size)


def outgoing_families(figures: Figures) -> Iterator[Family]:
    """What was asked of other servers."""
    requests = Family(
        "gojinn_outgoing_requests_total", "counter", "Requests of functions, redirects counted."
    )
    failures = Family("gojinn_outgoing_failures_total", "counter", "Requests of functions without an answer.")
    size = Family("gojinn_outgoing_bytes_total", "counter", "Bytes of bodies that were sent and received.")
    if figures:
        requests.add(figures["requests"])
        failures.add(figures["failures"])
        for way in ("sent", "received"):
            size.add(figures[f"{way}_bytes"], way=way)
    yield from (requests, failures, size)


def sandbox_families(reports: Sequence[Figures]) -> Iterator[Family]:
    """How full the workers are."""
    sandboxes = Family("gojinn_sandboxes", "gauge", "Sandboxes, by worker and state.")
    for number, report in enumerate(reports):
        for state, count in report.get("sandboxes", {}).items():
            sandboxes.add(count, worker=number, state=state)
    yield sandboxes


def connection_families(connections: Sequence[Figures]) -> Iterator[Family]:
    """How the workers get on with NATS, and what they have asked of it."""
    up = Family("gojinn_nats_connected", "gauge", "Whether a worker is connected, 0 or 1.")
    reconnects = Family("gojinn_nats_reconnects_total", "counter", "Connections that were lost and are back.")
    for number, each in enumerate(connections):
        up.add(int(each["connected"]), worker=number)
        reconnects.add(each["reconnects"], worker=number)
    operations = Family("gojinn_nats_operations_total", "counter", "Operations on streams and keys, by kind.")
    for kind, count in together(each["operations"] for each in connections).items():
        operations.add(count, operation=kind)
    yield from (up, reconnects, operations)


def server_families(nats: Figures) -> Iterator[Family]:
    """What NATS holds in all."""
    storage = Family("gojinn_nats_storage_bytes", "gauge", "Bytes of all streams.")
    storage.add(nats.get("storage"))
    messages = Family("gojinn_nats_messages", "gauge", "Messages in all streams.")
    messages.add(nats.get("messages"))
    errors = Family("gojinn_nats_api_errors_total", "counter", "Requests to JetStream that it refused.")
    errors.add(nats.get("api_errors"))
    restarts = Family("gojinn_nats_restarts_total", "counter", "Times that the embedded server was replaced.")
    restarts.add(nats.get("restarts"))
    yield from (storage, messages, errors, restarts)


def stream_families(streams: Iterable[Figures]) -> Iterator[Family]:
    """What each stream holds."""
    messages = Family("gojinn_stream_messages", "gauge", "Messages in a stream.")
    size = Family("gojinn_stream_bytes", "gauge", "Bytes of a stream.")
    last = Family("gojinn_stream_published_total", "counter", "Messages that a stream was ever given.")
    behind = Family("gojinn_stream_copies_behind", "gauge", "Copies of a stream that are not current.")
    for each in streams:
        messages.add(each["messages"], stream=each["name"])
        size.add(each["bytes"], stream=each["name"])
        last.add(each["last"], stream=each["name"])
        behind.add(each["behind"], stream=each["name"])
    yield from (messages, size, last, behind)


def letter_families(tenants: Figures) -> Iterator[Family]:
    """How many jobs have failed for good."""
    dead = Family("gojinn_dead_letters", "gauge", "Jobs that have failed for good, by tenant and queue.")
    for tenant, queues in tenants.items():
        for queue, count in queues.items():
            dead.add(count, tenant=tenant, queue=queue)
    yield dead


def consumer_families(consumers: Iterable[Figures]) -> Iterator[Family]:
    """How far each consumer is."""
    lag = Family("gojinn_consumer_lag", "gauge", "Messages that a consumer was not given yet.")
    waiting = Family("gojinn_consumer_unacknowledged", "gauge", "Messages given and not acknowledged.")
    again = Family("gojinn_consumer_redelivered", "gauge", "Messages among these that were given again.")
    for each in consumers:
        labels = {"stream": each["stream"], "consumer": each["name"]}
        lag.add(each["lag"], **labels)
        waiting.add(each["unacknowledged"], **labels)
        again.add(each["redelivered"], **labels)
    yield from (lag, waiting, again)
