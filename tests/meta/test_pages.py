"""The pages of the documentation agree with the program: Caddyfiles are read, commands and their options
exist, links and anchors lead somewhere. The functions on them are tests/integration/test_guides' subject."""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.exceptions import NoArgsIsHelpError

from gojinn.app import GRAMMAR
from gojinn.caddyfile.parser import parse
from gojinn.cli.main import PANELS, gojinn
from gojinn.config.adapt import adapt
from gojinn.config.validate import validate
from gojinn.testing.pages import PAGES, ROOT, Block, anchors, blocks, commands, links, name, spans, split

BLOCKS = [block for page in PAGES for block in blocks(page)]
HANDLERS = {"c", "cpp", "csharp", "go", "js", "lua", "perl", "php", "python", "ruby", "rust", "ts", "zig"}
"""Languages whose blocks are built by tests/integration/test_guides."""

PROGRAMS = {
    "cd mkdir mv rmdir cp tar cat sed printf": "the shell's own",
    "curl jq openssl": "other people's; what `curl` gets is compared where the page shows it",
    "make": "the Makefile, which CI runs",
    "npm cpanm bundle rustup apt-get pip": "they get packages, for which tests would need a network",
    "git python3 ./run-tests": "the public suite for WASI, which tests/conformance runs",
    "componentize-py cargo": "tests/engine/test_components and tests/build/test_cargo build with them",
}
"""Programs that stand in blocks of shell besides ours, and why their lines are not looked at."""

UNCHECKED = {
    "docs/guides/lua.md: error: main.lua:7: attempt to index a nil value (field 'user')": "what a log holds",
}
"""Blocks that nothing looks at, and why."""

GENERATED = "docs/reference/"
"""Its forms with places to fill are made from the code."""
FILES = ("data/", "fs-tests.dir/", "functions/prices/", "functions/resize/", "lamp.jpg")
"""What command lines name and must be there for them to be read."""
INCOMPLETE = (click.MissingParameter, click.BadOptionUsage, NoArgsIsHelpError)
"""What is wrong with a line that only names a command or an option."""
ENVIRONMENT = {
    "DB_TOKEN": "a",
    "DB_LOOK": "b",
    "DB_KEY": "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
}


def of(*languages: str) -> list[Block]:
    """Lists the blocks in some languages, without the forms of generated pages."""
    return [block for block in BLOCKS if block.language in languages and not is_form(block)]


def is_form(block: Block) -> bool:
    """Tells a form with places to fill."""
    return name(block.page).startswith(GENERATED) and block.language in ("", "caddyfile")


def place(block: Block) -> str:
    """Says where a block is."""
    return f"{name(block.page)}:{block.line}"


def test_every_block_is_looked_at_or_has_a_reason_not_to_be() -> None:
    looked_at = {"caddyfile", "sh", "console", "toml", "json", "wit", *HANDLERS}
    left = {block.name for block in BLOCKS if block.language not in looked_at and not is_form(block)}
    assert left == set(UNCHECKED)


@pytest.mark.parametrize("block", of("caddyfile"), ids=place)
def test_caddyfiles_are_valid(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    adapted = adapt(parse("Caddyfile", whole(block.text), ENVIRONMENT), GRAMMAR)
    for need in adapted.needs:
        make(Path(need.path) / "" if need.kind == "folder" else Path(need.path), need.kind == "folder")
    validate(adapted, GRAMMAR.checks)


def whole(text: str) -> str:
    """Makes a Caddyfile of a block that may be part of one: the lines of a site."""
    return f":8080 {{\n{text}}}\n" if text.startswith("\t") else text


def make(path: Path, folder: bool) -> None:
    """Makes an empty file or folder."""
    (path if folder else path.parent).mkdir(parents=True, exist_ok=True)
    if not folder:
        path.touch()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Works where the files are that command lines name."""
    with contextlib.chdir(tmp_path_factory.mktemp("files")):
        for each in FILES:
            make(Path(each), each.endswith("/"))
        yield


@pytest.mark.parametrize("block", of("sh", "console"), ids=place)
@pytest.mark.usefixtures("files")
def test_commands_are_those_of_the_program(block: Block) -> None:
    known = {program for programs in PROGRAMS for program in programs.split()}
    for words in commands(block):
        if words[0] == "gojinn":
            read(words[1:])
        else:
            assert words[0] in known


@pytest.mark.parametrize("page", PAGES, ids=name)
@pytest.mark.usefixtures("files")
def test_commands_within_lines_are_those_of_the_program(page: Path) -> None:
    for span in spans(page):
        words = next(split(span), []) if span.startswith("gojinn ") else []
        if any(words[1:2] == [command] for panel in PANELS.values() for command in panel):
            with contextlib.suppress(*INCOMPLETE):
                read(words[1:])


def read(words: list[str]) -> None:
    """Has the program read its command line, down to the options of the command. Nothing is run."""
    command: click.Command | None = gojinn
    context = None
    with contextlib.suppress(click.exceptions.Exit):  # of --help and --version
        while isinstance(command, click.Group):
            context = command.make_context(command.name, list(words), parent=context)
            _, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
        assert command is not None
        command.make_context(command.name, list(words), parent=context).close()


@pytest.mark.parametrize("block", of("toml", "json"), ids=place)
def test_data_can_be_read(block: Block) -> None:
    {"toml": tomllib.loads, "json": json.loads}[block.language](block.text)


@pytest.mark.parametrize("block", of("wit"), ids=place)
def test_interfaces_are_those_of_the_package(block: Block) -> None:
    assert block.text.strip() in (ROOT / "wit" / "call.wit").read_text()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_pages_and_headings(page: Path) -> None:
    for link in links(page):
        if "://" not in link:
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link
