"""`gojinn blob`. The objects are `capabilities.blob`'s; here they become tables and files."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from gojinn.app import GRAMMAR
from gojinn.capabilities.blob.config import BlobConfig
from gojinn.capabilities.blob.keys import check_key, check_prefix
from gojinn.capabilities.blob.store import BlobError, Facts, Info, Store
from gojinn.capabilities.capability import OperationError
from gojinn.cli.options import Parsed, config_option, existing_caddyfile, json_option
from gojinn.cli.screen import console, plain, show_json, show_table, size, wants_json
from gojinn.config.load import load_config
from gojinn.config.model import Config
from gojinn.config.node import agreed, filled
from gojinn.config.walk import find
from gojinn.errors import GojinnError, NotFound, Unavailable
from gojinn.functions.config import FunctionConfig
from gojinn.functions.environment import resolve
from gojinn.functions.lines import parse_tenant
from gojinn.process.folders import data_folder

T = TypeVar("T")

PIECE = 4 << 20
"""Bytes that are read or written at a time."""

TENANT = Parsed("tenant", parse_tenant)
tenant_option = click.option(
    "--tenant", "-t", type=TENANT, default="default", show_default=True, help="Whose objects."
)
module_option = click.option(
    "--module", "-m", help="Those of this function's bucket; else the data directory's."
)


@click.group("blob")
def command() -> None:
    """List, read and write the objects of tenants.

    Works on the data directory, or with '--module' on the bucket of the function whose module has this in its
    name; with or without a running server. Permissions of functions do not apply.

    \b
    Examples:
      gojinn blob list photos/
      gojinn blob get photos/lamp.jpg > lamp.jpg
      gojinn blob put photos/lamp.jpg lamp.jpg --tenant alice
      gojinn blob delete photos/lamp.jpg --module photos.wasm
    """


@asynccontextmanager
async def opened(config: Path, module: str | None, tenant: str) -> AsyncIterator[Store]:
    """Opens the objects of a tenant. Raises ConfigError, NotFound for a module that no function has."""
    from gojinn.capabilities.blob.service import blobs_opened

    loaded = load_config(str(existing_caddyfile(config)), GRAMMAR)
    folder = data_folder(loaded, filled(agreed(loaded)[0], os.environ)) / "blobs"
    async with blobs_opened(folder) as blobs:
        yield blobs.store(options(loaded, module), tenant)


def options(config: Config, module: str | None) -> BlobConfig:
    """Finds the options of a function by its module."""
    if module is None:
        return BlobConfig()
    for function in find(config, FunctionConfig):
        if module in function.module:
            return resolve(function, os.environ).blob
    raise NotFound(f"no function has a module like '{module}'", hint="look at 'gojinn explain'")


def run(action: Callable[[Store], Awaitable[T]], config: Path, module: str | None, tenant: str) -> T:
    """Does something with the objects of a tenant. Raises GojinnError."""

    async def act() -> T:
        async with opened(config, module, tenant) as store:
            return await action(store)

    try:
        return asyncio.run(act())
    except BlobError as error:
        kind = NotFound if error.code == "not-found" else Unavailable
        raise kind(error.message, hint=error.detail or None) from error
    except OperationError as error:
        raise GojinnError(error.message) from error


@command.command("list")
@click.argument("prefix", default="")
@click.option("--after", default="", help="Only those after this key.")
@click.option("--limit", type=click.IntRange(1, 1000), default=1000, show_default=True, help="How many.")
@tenant_option
@module_option
@config_option
@json_option
def listing(
    prefix: str,
    after: str,
    limit: int,
    tenant: str,
    module: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """List objects whose keys begin with PREFIX."""
    page = run(lambda store: store.list(check_prefix(prefix), after, limit), config, module, tenant)
    if wants_json(as_json):
        show_json({"objects": [facts(info) for info in page.objects], "next": page.following})
        return
    rows = [(plain(i.key), size(i.size), i.modified.strftime("%Y-%m-%d %H:%M:%S")) for i in page.objects]
    if rows:
        show_table(("key", "size", "modified"), rows)
    if page.following:
        console().print(f"more with --after {plain(page.following)}", style="dim")


@command.command("get")
@click.argument("key")
@tenant_option
@module_option
@config_option
def get(key: str, tenant: str, module: str | None, config: Path) -> None:
    """Write the object under KEY to standard output, as it is."""

    async def read(store: Store) -> None:
        offset, total = 0, 1
        while offset < total:
            piece = await store.get(check_key(key), offset, PIECE)
            sys.stdout.buffer.write(piece.body)
            offset, total = offset + len(piece.body), piece.info.size

    run(read, config, module, tenant)
    sys.stdout.buffer.flush()


@command.command("put")
@click.argument("key")
@click.argument("file", type=click.File("rb"))
@click.option("--content-type", help="What it is; without it the key's ending tells.")
@tenant_option
@module_option
@config_option
@json_option
def put(
    key: str,
    file: Any,
    content_type: str | None,
    tenant: str,
    module: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """Store FILE under KEY; '-' is standard input."""
    kind = content_type or mimetypes.guess_type(key)[0] or ""

    async def write(store: Store) -> Info:
        upload = store.upload(check_key(key), Facts(kind))
        try:
            while piece := file.read(PIECE):
                await upload.write(piece)
            await upload.finish()
        finally:
            await upload.abort()
        return await store.head(key)

    written = run(write, config, module, tenant)
    if wants_json(as_json):
        show_json(facts(written))
    else:
        console().print(f"[green]✓[/] {plain(key)} stored [dim]({size(written.size)})[/]")


@command.command("delete")
@click.argument("key")
@tenant_option
@module_option
@config_option
def delete(key: str, tenant: str, module: str | None, config: Path) -> None:
    """Remove the object under KEY; one that is not there is no error."""
    run(lambda store: store.delete(check_key(key)), config, module, tenant)


def facts(info: Info) -> dict[str, Any]:
    """Makes plain data of what is known of an object."""
    return {"key": info.key, "size": info.size, "modified": info.modified.isoformat(), "etag": info.etag}
