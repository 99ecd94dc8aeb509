"""Turns results into a table with ratios, a chart and JSON. Measures nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Results = dict[str, Any]
HTTP_NAMES = {
    "plain": "no sandbox (`respond`, same bytes)",
    "c": "C guest, 64 KiB stack",
    "rust": "Rust guest",
    "c-16m": "C guest, the compiler's default 16 MiB stack",
    "go": "Go guest, parses and writes JSON",
    "pure": "C guest, pure-Python engine",
}


def write(results: Results, folder: Path) -> None:
    """Writes `results.json`, `results.md` and `chart.svg`/`chart.png` into `folder`; prints the table.

    Parts that were not measured now stay as they are there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / "results.json"
    measured = {name: results[name] for name in SECTIONS if name in results}
    if figures.exists() and measured.keys() != SECTIONS.keys():
        results = {**results, **json.loads(figures.read_text()), **measured}
    table = "\n".join(_sections(results)) + "\n"
    figures.write_text(json.dumps(results, indent=2) + "\n")
    folder.joinpath("results.md").write_text(table)
    print(table)
    if "http" in measured:
        _chart(results, folder)


def _sections(results: Results) -> Iterable[str]:
    yield "# Benchmark results\n"
    yield "{cores} cores, {processor}, Linux {kernel}, Python {python}.".format(**results["machine"])
    yield f"Medians of {results['rounds']} alternating runs of {results['seconds']:g} s, by `make bench`."
    yield "Machines differ and this one is noisy: the ratios carry over, the absolute figures do not.\n"
    for name, section in SECTIONS.items():
        if results.get(name):
            yield from section(results[name])
            yield ""


def _engine(rows: Results) -> Iterable[str]:
    yield "## One invocation in a fresh sandbox, engine alone\n"
    yield from _table(
        ("guest (engine)", "CPU µs", "wall µs"),
        ((name, f"{row['cpu_us']:.1f}", f"{row['wall_us']:.1f}") for name, row in rows.items()),
    )


def _languages(rows: Results) -> Iterable[str]:
    yield "## The same job in each language with its SDK, engine alone\n"
    yield "Reads an order's JSON, adds tax, answers JSON; a fresh sandbox each time.\n"
    yield from languages(rows)


def languages(rows: Results) -> Iterable[str]:
    """The table of languages, the quickest first."""
    c = rows["C"]
    yield from _table(
        ("language", "module", "deploy", "first call", "p50", "p99", "CPU, C = 1", "memory"),
        (
            (
                name, _size(row["bytes"]), f"{row['seconds'] + row['compile_seconds']:.1f} s",
                f"{row['start_ms']:.1f} ms", _micro(row["p50_us"]), _micro(row["p99_us"]),
                f"{row['cpu_us'] / c['cpu_us']:.3g}", _size(row["memory_bytes"]),
            )
            for name, row in sorted(rows.items(), key=lambda entry: entry[1]["cpu_us"])
        ),
    )  # fmt: skip


def _size(count: float) -> str:
    return f"{count / 1e3:,.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def _micro(micros: float) -> str:
    return f"{micros:.0f} µs" if micros < 1000 else f"{micros / 1000:.1f} ms"


def _http(rows: Results) -> Iterable[str]:
    plain = rows["plain"]["rate"]
    yield "## HTTP, a fresh sandbox per request, one worker on one core\n"
    yield from _table(
        ("answered by", "req/s", "ratio to no sandbox", "CPU µs/request", "p50 ms", "p99 ms", "errors"),
        (
            (
                HTTP_NAMES[name], f"{row['rate']:,.0f}", f"{row['rate'] / plain:.2f}", f"{row['cpu_us']:.1f}",
                f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}", f"{row['errors']:.0f}",
            )
            for name, row in rows.items()
        ),
    )  # fmt: skip


def _latency(rows: Results) -> Iterable[str]:
    yield "## Latency at half of the maximum rate of the C guest, one worker\n"
    yield "Requests are due at random, as those of many clients; waiting for a free connection counts."
    yield "The ideal server only answers, in the same time: its tail is the pauses of the machine itself.\n"
    names = {**HTTP_NAMES, "ideal": "an ideal server (calculated)"}
    yield from _table(
        ("answered by", "req/s", "p50 ms", "p99 ms", "errors"),
        (
            (
                names[name], f"{row['rate']:,.0f}", f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}",
                f"{row['errors']:.0f}",
            )
            for name, row in rows.items()
        ),
    )  # fmt: skip


def _scaling(rows: Results) -> Iterable[str]:
    yield "## Two workers against one\n"
    yield "Each core carries a worker and its share of the load generator; CPU per request leaves that out.\n"
    names = list(dict.fromkeys(name.split(" x ")[0] for name in rows))
    yield from _table(
        ("guest", "1 worker req/s", "2 workers req/s", "ratio", "CPU µs/request, 1 → 2"),
        (
            (
                name, f"{rows[f'{name} x 1']['rate']:,.0f}", f"{rows[f'{name} x 2']['rate']:,.0f}",
                f"{rows[f'{name} x 2']['rate'] / rows[f'{name} x 1']['rate']:.2f}",
                f"{rows[f'{name} x 1']['cpu_us']:.0f} → {rows[f'{name} x 2']['cpu_us']:.0f}",
            )
            for name in names
        ),
    )  # fmt: skip


def _fairness(rows: Results) -> Iterable[str]:
    yield "## Short requests beside endless loops in the same worker\n"
    yield from _table(
        ("C guest at 200 req/s", "p50 ms", "p99 ms", "errors"),
        (
            (name, f"{r['p50_ms']:.2f}", f"{r['p99_ms']:.2f}", f"{r['errors']:.0f}")
            for name, r in rows.items()
        ),
    )
    yield f"\nIdle worker: {rows['alone']['idle_cpu_percent']:.1f} % CPU."


def _kv(rows: Results) -> Iterable[str]:
    raw = rows["publish, nats-py"]
    yield "## Keys, one call after the other in one worker, 256 bytes, each write synced to disk\n"
    yield from _table(
        ("call", "CPU µs", "wall µs", "wall, ratio to a plain publish"),
        (
            (name, f"{r['cpu_us']:.1f}", f"{r['wall_us']:.1f}", f"{r['wall_us'] / raw['wall_us']:.3f}")
            for name, r in rows.items()
        ),
    )


def _queue(rows: Results) -> Iterable[str]:
    value = {name: row["value"] for name, row in rows.items()}
    raw, job = value["publish, fetch and ack, nats-py"], value["job of an empty module"]
    single, group = value["publish one by one, nats-py"], value["publish, group commit"]
    yield "## Jobs, 256 bytes, each acknowledged when it is on disk\n"
    yield from _table(
        ("", "a second", "ratio"),
        [
            ("plain message: publish, fetch, ack (nats-py)", f"{raw:,.0f}", "1.00"),
            (
                "job of an empty module: publish, run, store its result, ack",
                f"{job:,.0f}",
                f"{job / raw:.2f}",
            ),
            ("publish one by one (nats-py)", f"{single:,.0f}", "1.00"),
            (
                "publish 64 at once (nats-py)",
                f"{value['publish at once, nats-py']:,.0f}",
                f"{value['publish at once, nats-py'] / single:.2f}",
            ),
            ("publish many at once, group commit", f"{group:,.0f}", f"{group / single:.2f}"),
        ],
    )
    yield f"\nFrom sending a job to its start: {value['milliseconds from sending to start']:.2f} ms (median)."


def _parked(row: Results) -> Iterable[str]:
    yield "## Density\n"
    each = f"{row['bytes_each'] / 1e3:.1f} kB each (limit 40)"
    yield f"- {row['guests']:,} guests parked in a host call in one worker: {each}."


def _deployed(row: Results) -> Iterable[str]:
    above = f"{row['rss_mb']:.0f} MB above an empty site's {row['empty_rss_mb']:.0f} MB"
    yield f"- {row['functions']:,} deployed functions (distinct modules), one worker: {above} (limit 200)."
    taken = f"{row['start_seconds']:.2f} s (limit 2), {row['start_cpu_seconds']:.2f} s of CPU"
    yield f"- Start to first answer with them, warm cache: {taken}."


def _shared(rows: Results) -> Iterable[str]:
    yield "## A hundred functions of one interpreted language, one worker\n"
    yield "Proportional memory (PSS) once each was called. The source is what its author sends.\n"
    yield from _table(
        ("language", "first function", "each further one", "module", "source"),
        (
            (
                name,
                *(_size(row[f"{kind}_bytes"]) for kind in ("first", "each", "module")),
                f"{row['source_bytes']:.0f} B",
            )
            for name, row in rows.items()
        ),
    )


def _start(row: Results) -> Iterable[str]:
    taken = f"{row['seconds']:.2f} s (limit 1), {row['cpu_seconds']:.2f} s of CPU"
    yield f"- The example site, start to first answer with a warm cache, {taken}."
    held = f"{row['idle_rss_mb']:.0f} MB RSS, {row['idle_pss_mb']:.0f} MB without what is shared (PSS)"
    yield f"- Idle, supervisor, workers and nats-server together: {held},"
    yield f"  {row['idle_cpu_percent']:.1f} % of a core."


def _peers(rows: Results) -> Iterable[str]:
    first = next(iter(rows.values()))["rate"]
    yield "## Peers on an equivalent guest, one core each\n"
    yield from _table(
        ("server", "req/s", "ratio to gojinn", "CPU µs/request", "p99 ms"),
        (
            (
                name,
                f"{r['rate']:,.0f}",
                f"{r['rate'] / first:.2f}",
                f"{r['cpu_us']:.1f}",
                f"{r['p99_ms']:.2f}",
            )
            for name, r in rows.items()
        ),
    )


def _components(rows: Results) -> Iterable[str]:
    yield "## Components of wasi:http, the same file, one core each\n"
    yield from _table(
        ("server and component", "req/s", "CPU µs/request", "p99 ms", "failed"),
        (
            (name, f"{r['rate']:,.0f}", f"{r['cpu_us']:,.0f}", f"{r['p99_ms']:.1f}", f"{r['errors']:.0f}")
            for name, r in rows.items()
        ),
    )


def _sql(rows: Results) -> Iterable[str]:
    http, host = rows["http"], rows["host"]
    without, query = http["without the query"]["rate"], http["with the query"]["rate"]
    yield "## Databases\n"
    yield f"- A function that reads one row of SQLite by its key: {query:,.0f} req/s, {query / without:.2f}"
    costs = [http[name]["cpu_us"] for name in ("without the query", "with the query")]
    yield f"  of the same function without the query ({without:,.0f} req/s);"
    yield f"  CPU {costs[0]:.0f} → {costs[1]:.0f} µs a request."
    share = host["host"] - host["apsw"]
    yield f"- The host's share of a read that Python serves, JSON included: {share:.1f} µs of CPU above"
    yield f"  apsw's {host['apsw']:.1f} µs."
    if "postgres" in rows:
        pool, bare = rows["postgres"]["pool"], rows["postgres"]["psycopg"]
        yield f"- PostgreSQL by key through the pool: {pool:,.0f}/s, {pool / bare:.2f} of psycopg alone."
    each = rows["tenants"]
    yield f"- 1,000 tenant databases, half of them open, 10 % writes: p50 {each['p50_ms']:.2f} ms, p99"
    yield f"  {each['p99_ms']:.2f} ms; creating one {each['create_ms']:.1f} ms."


SECTIONS = {
    "engine": _engine,
    "languages": _languages, "http": _http, "latency": _latency, "scaling": _scaling, "fairness": _fairness,
    "kv": _kv, "sql": _sql,
    "queue": _queue, "parked": _parked, "deployed": _deployed, "shared": _shared, "start": _start,
    "peers": _peers,
    "components": _components,
}  # fmt: skip


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" + "--:|" * (len(head) - 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _chart(results: Results, folder: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    bars = {HTTP_NAMES[name].replace("`", ""): row["rate"] for name, row in results["http"].items()}
    peers = {name: row["rate"] for name, row in list(results.get("peers", {}).items())[1:]}
    labels, rates = [*bars, *peers], [*bars.values(), *peers.values()]
    colours = ["#9aa5b1"] + ["#5b3fd6"] * (len(bars) - 1) + ["#e08a2c"] * len(peers)
    figure, axes = pyplot.subplots(figsize=(9, 0.55 * len(labels) + 1.2), layout="constrained")
    axes.barh(labels, rates, color=colours)
    axes.bar_label(axes.containers[0], labels=[f"{rate:,.0f}" for rate in rates], padding=4)
    axes.invert_yaxis()
    axes.set_xlabel("requests per second, one core")
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title("A fresh sandbox for every request", loc="left", fontweight="bold")
    for kind in ("svg", "png"):
        figure.savefig(folder / f"chart.{kind}", dpi=140)
