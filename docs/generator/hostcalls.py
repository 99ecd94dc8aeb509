"""The page of what functions may call: imports from their table, operations from a worker's own."""

from __future__ import annotations

import asyncio
import inspect
import tempfile
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from docs.generator.markdown import code, table

from gojinn.app import common, services
from gojinn.capabilities.capability import Operation
from gojinn.capabilities.host import Host
from gojinn.capabilities.imports import CAPABILITIES
from gojinn.config.model import Options
from gojinn.functions.registry import FunctionRegistry
from gojinn.testing.fabric import node
from gojinn.triggers.queue.slots import Seat

HEAD = """\
# Host calls

What a function may call of its host. All pointers and lengths are `i32` offsets into the memory that the
module exports; a result that is written to `out` is cut at `max` bytes. Results may be declared with either
integer width. An import that needs a permission links only where `permissions` grants it.
"""

OPERATIONS = """\
## Operations of `host_call`

`host_call(op, op_length, request, length)` runs the operation of that name and returns the length of its
answer, which `host_take(out, max)` copies, as often as wanted. Request and answer are JSON, bytes are
base64. An error is an answer too: `{"error": {"code", "message"}}`, with a stable `code`; every operation
may also fail as `bad-request`, and one that the function is not granted as `denied`, with the line to add.
"""


def page() -> str:
    """Makes the page."""
    found = asyncio.run(operations())
    head = ("import", "parameters", "result", "permission", "capability")
    return "\n".join([HEAD, table(head, imports()), OPERATIONS, *sections(found)])


def imports() -> Iterator[tuple[str, ...]]:
    """Yields a row for each import of module `gojinn`."""
    for capability in CAPABILITIES:
        for each in capability.imports:
            served = capability.word if capability.served else f"{capability.word}, not served yet"
            yield code(each.name), " ".join(each.params), each.result or "", code(each.permission), served


async def operations() -> Mapping[str, Operation]:
    """Asks a worker, opened as the program opens it, what it serves."""
    with tempfile.TemporaryDirectory(prefix="gojinn-docs-") as folder:
        async with (
            node() as (there, _),
            services(Options(), Path(folder), there, common(Seat(0, 1))) as found,
        ):
            host: Host = found[FunctionRegistry].host
            return host.operations


def sections(found: Mapping[str, Operation]) -> Iterator[str]:
    """Yields what is said of each operation, by capability."""
    for word, names in groupby(found, key=lambda name: name.partition(".")[0]):
        yield f"### {word}\n"
        for name in names:
            yield f"#### {code(name)}\n"
            yield inspect.cleandoc(found[name].__doc__ or "") + "\n"
