"""`gojinn kv`. The keys are the server's; here they become tables, and what is typed becomes values."""

from __future__ import annotations

import sys
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import rich_click as click
from rich.markup import escape

from gojinn.cli.admin import Admin, Answer, asking, path_of
from gojinn.cli.options import DURATION
from gojinn.cli.screen import (
    NO_CONTROLS,
    console,
    show_json,
    show_json_line,
    show_table,
    size,
    wants_json,
)

SHOWN = 60
"""Characters of a value that a table shows."""
WAIT = 50
"""Seconds that one question for changes waits."""

tenant_option = click.option("--tenant", "-t", default="default", show_default=True, help="Whose keys.")


@click.group("kv")
def command() -> None:
    """Read and write the keys of functions.

    Asks the admin listener of a running server; permissions of functions do not apply. What is written here
    is read by functions at once.

    \b
    Examples:
      gojinn kv list orders/
      gojinn kv get orders/17
      gojinn kv put greeting hello --ttl 1h
      gojinn kv put picture - < picture.png
      gojinn kv watch orders/
    """


@command.command("get")
@click.argument("key")
@tenant_option
@asking
def get(key: str, tenant: str, admin: Admin) -> None:
    """Print the value of KEY, as it is; with '--json' also its revision."""
    answer = admin.ask("GET", path_of("kv", tenant, key))
    if admin.as_json:
        show_json(answer)
        return
    data = value_of(answer)
    sys.stdout.buffer.write(data)
    if sys.stdout.isatty() and not data.endswith(b"\n"):
        sys.stdout.write("\n")


@command.command("put")
@click.argument("key")
@click.argument("value")
@click.option("--ttl", type=DURATION, help="How long it is to live, from 1s on; without it, for ever.")
@click.option("--revision", type=click.IntRange(min=0), help="Only if it still has this one, 0 for none.")
@tenant_option
@asking
def put(
    key: str,
    value: str,
    ttl: float | None,
    revision: int | None,
    tenant: str,
    admin: Admin,
) -> None:
    """Write KEY. A VALUE of '-' is read from standard input."""
    data = sys.stdin.buffer.read() if value == "-" else value.encode("utf-8", "surrogateescape")
    where = path_of("kv", tenant, key, ttl=ttl, revision=revision)
    admin.show(admin.send("PUT", where, data), told("written"))


@command.command("delete")
@click.argument("key")
@click.option("--revision", type=click.IntRange(min=0), help="Only if it still has this one.")
@tenant_option
@asking
def delete(key: str, revision: int | None, tenant: str, admin: Admin) -> None:
    """Delete KEY."""
    answer = admin.ask("DELETE", path_of("kv", tenant, key, revision=revision))
    admin.show(answer, told("deleted"))


def told(what: str) -> Callable[[Answer], None]:
    """Says that something was done to a key."""
    return lambda done: console().print(f"[green]✓[/] {what} [dim](revision {done['revision']})[/]")


@command.command("list")
@click.argument("prefix", default="")
@click.option("--limit", type=click.IntRange(1), help="At most so many keys; without it, all.")
@click.option("--values", is_flag=True, help="Show the values too.")
@tenant_option
@asking
def listing(
    prefix: str,
    limit: int | None,
    values: bool,
    tenant: str,
    admin: Admin,
) -> None:
    """List the keys that begin with PREFIX; all keys without one."""
    keys: list[dict[str, Any]] = []
    after: str | None = None
    while limit is None or len(keys) < limit:
        count = 1000 if limit is None else min(1000, limit - len(keys))
        asked = path_of("kv", tenant, prefix=prefix, after=after, limit=count, values="1" if values else None)
        answer = admin.ask("GET", asked)
        keys += answer["keys"]
        after = answer["next"]
        if after is None:
            break
    admin.show({"keys": keys, "next": after}, show_keys)


def show_keys(answer: Answer) -> None:
    """Prints keys as a table, with their values where they were asked for."""
    keys = answer["keys"]
    if not keys:
        console().print("no keys", style="dim")
        return
    values = "value" in keys[0] or "value_base64" in keys[0]
    show_table(("key", "size", "revision", *(("value",) if values else ())), map(row, keys))


def row(key: dict[str, Any]) -> tuple[str, ...]:
    """Shows one key of a table."""
    cells = [printable(key["key"]), size(key["size"]), str(key["revision"])]
    if "value" in key or "value_base64" in key:
        cells.append(printable(value_of(key).decode("utf-8", "replace")))
    return tuple(map(escape, cells))


def printable(text: str) -> str:
    """Makes a text fit for one cell: short, on one line, and without orders to the terminal."""
    line = text.translate(NO_CONTROLS).replace("\n", "⏎").replace("\t", " ")
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


@command.command("watch")
@click.argument("prefix", default="")
@click.option("--after", type=click.IntRange(min=0), help="From this revision on; without it, from now on.")
@tenant_option
@asking
def watch(prefix: str, after: int | None, tenant: str, admin: Admin) -> None:
    """Print changes of keys that begin with PREFIX, as they happen, until it is interrupted.

    In a pipe each change is a line of JSON.
    """
    wait = 0 if after is None else WAIT
    while True:
        asked = path_of("kv-changes", tenant, prefix=prefix, after=after, wait=wait)
        answer = admin.ask("GET", asked)
        for change in answer["changes"]:
            show_change(change, admin.as_json)
        after, wait = answer["revision"], WAIT


def show_change(change: dict[str, Any], as_json: bool) -> None:
    """Prints one change at once."""
    if wants_json(as_json):
        show_json_line(change)
        return
    key, revision = escape(printable(change["key"])), change["revision"]
    if change.get("deleted"):
        console().print(f"[dim]{revision}[/] [red]-[/] {key}")
    else:
        value = escape(printable(value_of(change).decode("utf-8", "replace")))
        console().print(f"[dim]{revision}[/] [green]+[/] {key} [dim]=[/] {value}")


def value_of(answer: dict[str, Any]) -> bytes:
    """Reads a value of an answer."""
    if "value" in answer:
        return str(answer["value"]).encode()
    return b64decode(answer["value_base64"])
