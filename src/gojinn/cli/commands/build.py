"""`gojinn build`. Finding and running the compilers is the build package's."""

from __future__ import annotations

import asyncio
from pathlib import Path

import rich_click as click
from rich.progress import Progress

from gojinn.build.compile import Built, build
from gojinn.build.languages import names
from gojinn.build.project import Project, projects_below, read_project
from gojinn.cli.progress import building
from gojinn.cli.screen import show_error, size
from gojinn.errors import GojinnError, NotFound

PARALLEL = 2
"""Compilers at once: each of them uses several cores already."""


@click.command("build")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--force", "-f", is_flag=True, help="Compile even what is up to date.")
@click.pass_context
def command(ctx: click.Context, folders: tuple[Path, ...], force: bool) -> None:
    """Compile functions to WebAssembly.

    Builds every function in FOLDERS (and below); without any, in the current folder. A function is a folder
    with a gojinn.toml. What did not change is not compiled again.

    \b
    Examples:
      gojinn build
      gojinn build functions/resize --force
    """
    found = [folder for start in folders or (Path(),) for folder in projects_below(start)]
    projects = [read_project(folder, names()) for folder in found]
    if not projects:
        raise NotFound("no gojinn.toml here or below", hint="run 'gojinn init <name>' to start a function")
    failures = asyncio.run(build_all(projects, force))
    if failures:
        for failure in failures:
            show_error(failure)
        ctx.exit(1)


async def build_all(projects: list[Project], force: bool) -> list[GojinnError]:
    """Builds projects side by side, showing a bar; one failure does not keep the others from being built."""
    failures: list[GojinnError] = []
    gate = asyncio.Semaphore(PARALLEL)
    with building() as bar:
        total = bar.add_task("building", total=len(projects), visible=len(projects) > 1)

        async def one(project: Project) -> None:
            async with gate:
                task = bar.add_task(project.name, total=None)
                try:
                    show(bar, await build(project, force=force))
                except GojinnError as error:
                    bar.console.print(f"[red]✗[/] {project.name}")
                    failures.append(error)
                finally:
                    bar.remove_task(task)
                    bar.advance(total)

        async with asyncio.TaskGroup() as group:
            for project in projects:
                group.create_task(one(project))
    return failures


def show(bar: Progress, built: Built) -> None:
    """Prints one finished function."""
    facts = f"{size(built.size)}, {f'{built.seconds:.1f} s' if built.fresh else 'up to date'}"
    project = built.project
    if built.warnings:
        bar.console.print(built.warnings, style="yellow", markup=False)
    bar.console.print(f"[green]✓[/] {project.name} → {project.output.name} [dim]({facts})[/]")
