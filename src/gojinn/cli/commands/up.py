"""`gojinn up`. The server is the supervisor's; here are only its options."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from gojinn.cli.options import config_option, existing_caddyfile
from gojinn.cli.progress import compiling
from gojinn.process.options import Rebuild, ServeOptions


@click.command("up")
@config_option
@click.option("--watch", "-w", is_flag=True, help="Rebuild and reload when a file changes.")
@click.option("--workers", "-n", type=click.IntRange(1, 512), help="Worker processes; without it one a core.")
@click.pass_context
def command(ctx: click.Context, config: Path, watch: bool, workers: int | None) -> None:
    """Serve a Caddyfile's sites and functions.

    Runs in the foreground until Ctrl-C, which lets requests in flight finish; a second one does not. SIGHUP
    reloads. With --watch, saving the Caddyfile, a module or a source of a function makes the
    change live; when it is wrong, what was there goes on serving.

    \b
    Examples:
      gojinn up
      gojinn up --watch
      gojinn up --config sites/Caddyfile --workers 4
    """
    path = existing_caddyfile(config)
    from gojinn.process.supervisor import serve  # all of the server, which the help text needs not wait for

    with compiling() as progress:
        ctx.exit(serve(ServeOptions(path, workers, watch, builder() if watch else None, progress)))


def builder() -> Rebuild:
    """Imports what builds functions, which only `--watch` needs."""
    from gojinn.build.compile import rebuild

    return rebuild
