"""`gojinn build`. Finding and running the compilers is the build package's."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import rich_click as click
from rich.progress import Progress

from gojinn.build.compile import Built, build
from gojinn.build.languages import read
from gojinn.build.project import Project, projects_below
from gojinn.build.several import side_by_side
from gojinn.cli.progress import building
from gojinn.cli.screen import show_error, size
from gojinn.engine.inspect import inspect_module
from gojinn.errors import GojinnError, ModuleError


@click.command("build")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--force", "-f", is_flag=True, help="Compile even what is up to date.")
@click.option("--snapshot", is_flag=True, help="Have them prepare themselves now, as 'snapshot = true' does.")
@click.pass_context
def command(ctx: click.Context, folders: tuple[Path, ...], force: bool, snapshot: bool) -> None:
    """Compile functions to WebAssembly.

    Builds every function in FOLDERS (and below); without any, in the current folder. A function is a folder
    with a gojinn.toml. What did not change is not compiled again.

    \b
    Examples:
      gojinn build
      gojinn build functions/resize --force
      gojinn build functions/prices --snapshot
    """
    projects = [read(folder) for start in folders or (Path(),) for folder in functions(start)]
    if snapshot:
        projects = [replace(project, snapshot=True) for project in projects]
    failures = asyncio.run(build_all(projects, force))
    if failures:
        for failure in failures:
            show_error(failure)
        ctx.exit(1)


def functions(start: Path) -> list[Path]:
    """Lists the functions in and below a folder; one without any manifest may still be one itself."""
    return list(projects_below(start)) or [start]


async def build_all(projects: list[Project], force: bool) -> list[GojinnError]:
    """Builds projects side by side, showing a bar; one failure does not keep the others from being built."""
    failures: list[GojinnError] = []
    with building() as bar:
        total = bar.add_task("building", total=len(projects), visible=len(projects) > 1)

        async def one(project: Project) -> None:
            task = bar.add_task(project.name, total=None)
            try:
                show(bar, await build(project, force=force))
            except GojinnError as error:
                bar.console.print(f"[red]✗[/] {project.name}")
                failures.append(error)
            finally:
                bar.remove_task(task)
                bar.advance(total)

        await side_by_side(projects, one)
    return failures


def show(bar: Progress, built: Built) -> None:
    """Prints one finished function."""
    project = built.project
    how = "from the cache" if built.cached else f"{built.seconds:.1f} s" if built.fresh else "up to date"
    facts = f"{size(built.size)}, {imports(project.output)}, {how}"
    if built.warnings:
        bar.console.print(built.warnings, style="yellow", markup=False)
    where = os.path.relpath(project.output, project.folder)
    bar.console.print(f"[green]✓[/] {project.name} → {where} [dim]({facts})[/]")


def imports(module: Path) -> str:
    """Says how much of what a module imports."""
    try:
        info = inspect_module(module.read_bytes(), module.name)
    except ModuleError:
        return "a component"
    names = {(each.module, each.name) for each in info.imports}
    counts = Counter(module.removesuffix("_snapshot_preview1") for module, _ in sorted(names, reverse=True))
    found = ", ".join(f"{count} of {name}" for name, count in counts.items())
    return f"imports {found}" if found else "no imports"
