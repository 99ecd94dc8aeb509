"""The functions on pages: each is built, and where a page shows a command with what it prints, that is done
with the function and the Caddyfile above it. The tutorial has a test of its own, other blocks tests/meta."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio

from gojinn.build.compile import build
from gojinn.build.languages import language, names, read
from gojinn.cli.scaffold import scaffold, template
from gojinn.errors import BuildError
from gojinn.testing.app import App, serve
from gojinn.testing.pages import PAGES, Block, blocks, name, steps_of
from gojinn.testing.terminal import SHOWN, Terminal, tools_made
from gojinn.testing.tools import install_packages

pytestmark = [
    pytest.mark.slow,
    pytest.mark.toolchain,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="module"),
]

LANGUAGES = {**{each: each for each in names()}, "ts": "assemblyscript"}
"""What stands behind a fence → the language. No page has TypeScript: its functions are JavaScript's."""
ELSEWHERE = {
    "docs/guides/components.md": "compilers of components take minutes; tests/engine has some",
    "docs/guides/libsql.md": "clients, not functions; tests/libsql runs the same ones",
}
"""Pages whose blocks in these languages are not built, and why."""
OWN = ("docs/tutorial.md",)
"""Pages whose commands another test runs."""
SECRETS = {"DB_TOKEN": "secret", "DB_LOOK": "look", "GITHUB_SECRET": "hush", "SECRET": "hush"}
"""The environment of servers and terminals."""
PLAIN = next(block for page in PAGES if name(page) == "sdks/c/README.md" for block in blocks(page))
"""The function that stands in for those whose source a page does not show."""


@dataclass
class Scene:
    """Commands on a page, with what they are typed to."""

    function: Block
    caddyfile: Block | None
    console: Block

    number: int = field(default_factory=count().__next__)

    @property
    def host(self) -> str:
        """The name under which its site is served."""
        return f"scene{self.number}.localhost"


def functions() -> list[Block]:
    """Lists the functions on all pages."""
    shown = [block for page in PAGES if name(page) not in ELSEWHERE for block in blocks(page)]
    return [block for block in shown if block.language in LANGUAGES]


def scenes() -> list[Scene]:
    """Lists the commands of all pages, each with the last function and Caddyfile above it."""
    found = []
    for page in PAGES:
        function, caddyfile = PLAIN, None
        for block in blocks(page):
            if block.language in LANGUAGES and name(page) not in ELSEWHERE:
                function, caddyfile = block, None
            elif block.language == "caddyfile":
                caddyfile = block
            elif block.language == "console" and name(page) not in OWN:
                found.append(Scene(function, caddyfile, block))
    return found


FUNCTIONS, SCENES = functions(), scenes()


def place(block: Block) -> str:
    """Says where a block is."""
    return f"{name(block.page)}:{block.line}"


class Workshop:
    """Builds each function once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: dict[str, asyncio.Task[str]] = {}

    def place_of(self, block: Block) -> Path:
        """The folder of a function, which is called as pages call it."""
        return self.folder / re.sub(r"\W+", "-", place(block)) / "hello"

    async def build(self, block: Block) -> str:
        """Builds a function; returns what the compiler says of it. Raises BuildError."""
        if place(block) not in self.said:
            self.said[place(block)] = asyncio.create_task(self.make(block))
        return await self.said[place(block)]

    async def make(self, block: Block) -> str:
        """Does so."""
        spoken, folder = language(LANGUAGES[block.language]), self.place_of(block)
        if spoken.find(self.folder) is None:
            raise BuildError("no compiler", hint=spoken.install)
        scaffold(folder, spoken)
        [main] = template(f"{spoken.name}/http")
        (folder / main).write_text(block.text)
        return (await build(read(folder))).warnings


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    install_packages()
    return Workshop(tmp_path_factory.mktemp("guides"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(workshop: Workshop) -> AsyncIterator[App]:
    """Serves the sites of all scenes."""
    sites = []
    for scene in SCENES:
        if SHOWN in scene.console.text:
            await workshop.build(scene.function)
            sites.append(site(scene, workshop.place_of(scene.function)))
    async with serve("\n".join(sites), folder=workshop.folder, env=SECRETS) as app:
        yield app


def site(scene: Scene, folder: Path) -> str:
    """Writes a scene's Caddyfile for a host of its own, with paths to what is in the function's folder."""
    shown = scene.caddyfile.text if scene.caddyfile else ":8080 {\n\tgojinn build/hello.wasm\n}\n"
    shown = re.sub(r"\S+\.wasm", f"{folder}/build/hello.wasm", shown)
    shown = re.sub(r"\S+\.db", f"{folder}/shop.db", shown)
    shown = re.sub(r"(gojinn|libsql) (/\S+\.(?:wasm|db))", r"\1 * \2", shown)
    return shown.replace(":8080", f"http://{scene.host}:0", 1)


@pytest.mark.parametrize("block", FUNCTIONS, ids=place)
async def test_functions_on_pages_are_built_without_a_warning(
    workshop: Workshop, missing: Callable[[str], NoReturn], block: Block
) -> None:
    if (spoken := language(LANGUAGES[block.language])).find(workshop.folder) is None:
        missing(spoken.install)
    said = (await workshop.build(block)).splitlines()
    assert not [line for line in said if not line.startswith(("putting ", "getting "))]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: place(scene.console))
async def test_commands_on_pages_print_what_is_shown(
    workshop: Workshop, app: App, scene: Scene, tmp_path: Path
) -> None:
    await workshop.build(scene.function)
    async with app.session.delete(f"{app.admin}/_sys/kv/default/visits") as answer:
        assert answer.status in (200, 204, 404)
    address = f"{scene.host}:{app.url.rpartition(':')[2]}"
    terminal = Terminal(workshop.place_of(scene.function), tools_made(tmp_path / "bin"), address, SECRETS)
    for step in steps_of(scene.console):
        said = await terminal.run(step.command.replace("curl ", "curl -sS ", 1))
        assert step.shows(said), f"{step.command}\n{said}\ninstead of\n{step.output}"
