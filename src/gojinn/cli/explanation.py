"""What each function of a Caddyfile may do, and by which line. Nothing is run, compiled or asked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gojinn.app import GRAMMAR
from gojinn.caddyfile.parser import parse
from gojinn.caddyfile.tree import Document, Node
from gojinn.capabilities.imports import IMPORTS, MODULE
from gojinn.config.adapt import adapt
from gojinn.config.model import Config, Match, Route, Site
from gojinn.config.walk import find
from gojinn.edge.directives.handle_path import HandlePathConfig
from gojinn.edge.matchers.path import PathMatch
from gojinn.edge.site import site_name
from gojinn.engine.inspect import inspect_module
from gojinn.engine.source import read_source
from gojinn.errors import ModuleError, Place
from gojinn.functions.config import FunctionConfig
from gojinn.trust.permissions import ACTIONS, CONTRACT, OPEN, line_for

SHOWN = frozenset(
    (
        *("mount", "timeout", "memory_limit", "fuel_limit", "max_output", "pool_size", "db_driver"),
        *("s3_bucket", "s3_region", "s3_endpoint", "s3_shared", "blob_max_size", "allow_host"),
        *("concurrency", "migrations"),
    )
)
"""Lines that are shown whole; of others the value may be a secret."""
NAMED = frozenset(("env", "api_key"))
"""Lines whose first of two arguments is shown."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Something a function may do."""

    what: str
    """Such as `kv read`, or a word of the block."""
    names: tuple[str, ...]
    """What it may do it to: prefixes, or the line's arguments."""
    place: str
    """`file:line`; empty where no line was needed."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Something it may not."""

    what: str
    line: str
    """What to add to its block."""


@dataclass(frozen=True, slots=True)
class Used:
    """A function of module `gojinn` that the module imports."""

    name: str
    granted: bool
    line: str
    """What to add to its block where it is not."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One function at one place."""

    name: str
    module: str
    place: str
    routes: tuple[str, ...]
    """Where it answers, or what else starts it."""
    allowed: tuple[Allowed, ...]
    forbidden: tuple[Forbidden, ...]
    imports: tuple[Used, ...]
    fault: str = ""
    """Why the module could not be read."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """From there on paths are looked at without this prefix."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Use:
    """A function where a configuration has it, with what guards it."""

    function: FunctionConfig
    site: Site | None
    matches: tuple[Match | Stripped, ...]
    directive: str


def explain(path: str, wanted: str = "") -> list[Explained]:
    """Explains the functions of a Caddyfile; `wanted` is a path, an address, or a part of a module's name.

    Its modules need not be there yet. Raises ConfigError for a file that is wrong.
    """
    document = parse(path, None, os.environ)
    config = adapt(document, GRAMMAR).config
    return [explained(use, document) for use in uses(config) if not wanted or concerns(use, wanted)]


def uses(config: Config) -> Iterator[Use]:
    """Yields every function with its route, in the order of the file."""
    for site in config.sites:
        yield from of_routes(site.routes, site, ())
    for function in find(config.options, FunctionConfig):
        yield Use(function, None, (), "")


def of_routes(routes: Sequence[Route], site: Site, outer: tuple[Match | Stripped, ...]) -> Iterator[Use]:
    """Yields those of some routes and of the routes within them."""
    for route in routes:
        matches = (*outer, *route.matchers)
        inner = getattr(route.config, "routes", None)
        if isinstance(inner, tuple):
            if isinstance(route.config, HandlePathConfig):
                matches = (*matches, Stripped(route.config.prefix.rstrip("/")))
            yield from of_routes(inner, site, matches)
            continue
        for function in find(route.config, FunctionConfig):
            yield Use(function, site, matches, route.directive)


def concerns(use: Use, wanted: str) -> bool:
    """Whether somebody who asks for that means this function."""
    if "://" not in wanted and not wanted.startswith("/"):
        return wanted in use.function.module
    split = urlsplit(wanted)
    if use.function.module == wanted:
        return True
    if use.site is None or use.directive != "gojinn" or (split.hostname and not at(use.site, split)):
        return False
    return reaches(split.path or "/", use.matches)


def reaches(path: str, matches: Sequence[Match | Stripped]) -> bool:
    """Whether a path passes all path matchers on the way to a function; other matchers may be passed."""
    for match in matches:
        if isinstance(match, Stripped):
            path = path.removeprefix(match.prefix)
        elif not any(fnmatchcase(path.lower(), pattern.lower()) for pattern in patterns(match)):
            return False
    return True


def patterns(match: Match | Stripped) -> tuple[str, ...]:
    """Returns what a path may be like: anything for a matcher of something else."""
    if isinstance(match, Match) and isinstance(match.config, PathMatch):
        return match.config.patterns
    return ("*",)


def at(site: Site, asked: Any) -> bool:
    """Whether a site answers for a host and port."""
    for address in site.addresses:
        host = not address.host or fnmatchcase(asked.hostname, address.host)
        if host and (asked.port is None or address.port in (None, asked.port)):
            return True
    return False


def explained(use: Use, document: Document) -> Explained:
    """Explains one function."""
    function = use.function
    block = block_of(function, document)
    imports, fault = used(function)
    return Explained(
        function.name,
        function.module,
        shown(function.origin.place) if function.origin else "",
        (answers(use),),
        (*grants(block), *unnarrowed(function), *others(block)),
        tuple(forbidden(function)),
        imports,
        fault,
    )


def answers(use: Use) -> str:
    """Says when a function runs."""
    if use.directive != "gojinn" or use.site is None:
        return use.directive or "the global options"
    matches = [match for match in use.matches if isinstance(match, Match)]
    paths = [" ".join(m.config.patterns) for m in matches if isinstance(m.config, PathMatch)]
    rest = sorted({m.name for m in matches if not isinstance(m.config, PathMatch)})
    when = f", depending on {', '.join(rest)}" if rest else ""
    return f"{site_name(use.site)} {' within '.join(reversed(paths)) or '*'}{when}"


def block_of(function: FunctionConfig, document: Document) -> tuple[Node, ...]:
    """Finds the lines of a function: the block of the directive that names its module, or the one around."""
    if function.origin is None:
        return ()
    nodes = [*document.options, *(node for block in document.blocks for node in block.nodes)]
    found = holding(nodes, (), function.origin.place)
    return found or ()


def holding(nodes: Sequence[Node], around: tuple[Node, ...], place: Place) -> tuple[Node, ...] | None:
    """Finds the block that belongs to the word at a place."""
    for node in nodes:
        if any(word.place == place for word in node.args):
            return node.block if node.block is not None else around
        if node.block is not None and (found := holding(node.block, node.block, place)) is not None:
            return found
    return None


def grants(block: Sequence[Node]) -> Iterator[Allowed]:
    """Yields what `permissions` grants, line by line."""
    for node in block:
        for line in node.block or () if node.text == "permissions" else ():
            pair, names = CONTRACT.get(line.text), [word.text for word in line.args]
            if pair is None:
                pair, names = (line.text, names[0]), names[1:]
            yield Allowed(" ".join(pair), tuple(names) or ("*",), shown(line.name.place))


def unnarrowed(function: FunctionConfig) -> Iterator[Allowed]:
    """Yields what is open because no line narrows it."""
    named = {grant.capability for grant in function.permissions.lines()}
    for capability, actions in ACTIONS.items():
        if capability in OPEN and capability not in named:
            yield from (Allowed(f"{capability} {action}", ("*",), "") for action in actions)


def others(block: Sequence[Node]) -> Iterator[Allowed]:
    """Yields the other lines of the block, without what may be secret."""
    for node in block:
        if node.text != "permissions":
            words = [word.text for word in node.args]
            names = words if node.text in SHOWN else words[:1] if node.text in NAMED and words[1:] else []
            yield Allowed(node.text, tuple(names), shown(node.name.place))


def forbidden(function: FunctionConfig) -> Iterator[Forbidden]:
    """Yields what is not granted at all."""
    granted = {(grant.capability, grant.action) for grant in function.permissions.lines()}
    named = {capability for capability, _ in granted}
    for capability, actions in ACTIONS.items():
        for action in actions:
            is_open = capability in OPEN and capability not in named
            if not is_open and (capability, action) not in granted:
                yield Forbidden(f"{capability} {action}", f"{line_for(capability, action)} in 'permissions'")
    if not function.http.allow_host:
        yield Forbidden("http fetch", "allow_host <host>")


def used(function: FunctionConfig) -> tuple[tuple[Used, ...], str]:
    """Reads which functions of ours a module imports, and whether it would get them."""
    granted = function.permissions.granted()
    try:
        info = inspect_module(read_source(function.module).data, function.module)
    except ModuleError as error:
        return (), error.message
    found = []
    for name in sorted({entry.name for entry in info.imports if entry.module == MODULE}):
        permission = IMPORTS[name].permission if name in IMPORTS else ""
        has = name in IMPORTS and (not permission or permission in granted)
        line = f"{permission} * in 'permissions'" if permission and not has else ""
        found.append(Used(name, has, line))
    return tuple(found), ""


def shown(place: Place) -> str:
    """Writes a place with a file's name only."""
    return f"{Path(place.file).name}:{place.line}"
