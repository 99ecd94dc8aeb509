"""Options of a directive as dataclass fields that carry their own syntax. What a value means is `units`'.

An option exists once: its field has the type, the default and an attribute docstring, and `option` (or
`words`, `flag`, `path`, `secret`, `line`, `nested`, `within`) adds how it is written; `inline` joins the
options of another dataclass. `read_block`, `gojinn adapt` and the reference page derive from that:

    @dataclass(frozen=True, slots=True)
    class Example:
        '''example <name> { … }'''

        name: str
        timeout: float = option(parse_duration, "<duration>", unit="seconds", default=60.0)
        '''How long it may take.'''
        keys: tuple[Secret, ...] = option(Secret, "<key>", repeat=True)
        '''Keys that are let in.'''

    def parse(node: Node, scope: Scope) -> Example:
        return read_block(node, Example, scope, name=node.one("<name>").text)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.units import BadValue
from gojinn.errors import ConfigError, clip

if TYPE_CHECKING:
    from gojinn.config.directive import Scope

KEY = "gojinn.option"
INLINE = "gojinn.inline"
INSIDE = "gojinn.inside"
T = TypeVar("T")

Read = Callable[[Node, "Scope"], Any]
"""Reads one line of a block: its arguments and its own block."""


@dataclass(frozen=True, slots=True)
class Option:
    """How one field is written inside a block."""

    field: str
    """The field's name in the dataclass; empty for a block that only groups others."""
    name: str
    """The word that opens its line."""
    form: str
    """Its arguments as documentation shows them, such as `<duration>`; empty for a flag."""
    read: Read
    default: Any
    """The value without such a line; MISSING when it must be given."""
    unit: str = ""
    """Of the value in the dataclass and in JSON, such as `seconds`."""
    repeat: bool = False
    """Whether it may stand several times; the values become one tuple."""
    flat: bool = False
    """Whether each line reads as a tuple of its own, and these are joined."""
    takes_block: bool = False
    inner: type | None = None
    """The dataclass of its block, for the reference."""
    inside: str = ""
    """The block that only groups it, such as `servers` of the global options."""
    within: tuple[str, ...] = ()
    """The fields that lead to the dataclass that it is an option of, where that is joined into another."""

    @property
    def key(self) -> str:
        """The field's name behind those that lead to it, such as `sql.driver`."""
        return ".".join((*self.within, self.field)) if self.within else self.field


def option(
    parse: Callable[[str], Any],
    form: str,
    *,
    default: Any = MISSING,
    unit: str = "",
    repeat: bool = False,
    name: str = "",
) -> Any:
    """Makes a field read from one argument; with `repeat` a tuple of the values of all its lines."""

    def read(node: Node, scope: Scope) -> Any:
        return read_value(node.one(form), parse, node.text)

    return make_field(read, form, default, unit=unit, repeat=repeat, name=name)


def words(
    parse: Callable[[str], Any], form: str, *, default: Any = (), unit: str = "", name: str = ""
) -> Any:
    """Makes a field that is a tuple of one or more arguments; further lines add to it."""

    def read(node: Node, scope: Scope) -> Any:
        return read_values(node, parse, form)

    return make_field(read, form, default, unit=unit, repeat=True, flat=True, name=name)


def flag(*, name: str = "") -> Any:
    """Makes a field that is True when its name stands there, without arguments."""

    def read(node: Node, scope: Scope) -> Any:
        if node.args:
            raise node.wrong_args("no arguments")
        return True

    return make_field(read, "", False, name=name)


def path(
    form: str = "<path>",
    *,
    default: Any = MISSING,
    kind: Literal["file", "folder", "any"] = "any",
    name: str = "",
) -> Any:
    """Makes a field that is an absolute path. A `file` or `folder` is checked to exist by `validate`."""

    def read(node: Node, scope: Scope) -> Any:
        word = node.one(form)
        if kind == "file":
            return scope.file(word)
        return scope.folder(word) if kind == "folder" else scope.path(word)

    return make_field(read, form, default, name=name)


def line(
    read: Read,
    form: str,
    *,
    default: Any = MISSING,
    unit: str = "",
    repeat: bool = False,
    takes_block: bool = False,
    name: str = "",
) -> Any:
    """Makes a field whose whole line is read by `read`; with `repeat` a tuple of what it returned."""
    return make_field(read, form, default, unit=unit, repeat=repeat, takes_block=takes_block, name=name)


def secret(parse: Callable[[str], Any], form: str, *, default: Any = MISSING) -> Any:
    """Makes a field read from one argument that no error shows."""

    def read(node: Node, scope: Scope) -> Any:
        wanted = form
        if len(node.args) == 1:
            try:
                return parse(node.args[0].text)
            except BadValue as bad:
                wanted = bad.expected
        error = node.error(f"wrong value for '{node.text}': expected {wanted}")
        error.source = None
        raise error

    return line(read, form, default=default)


def nested(cls: type, *, default: Any = MISSING, repeat: bool = False, name: str = "") -> Any:
    """Makes a field that is the dataclass `cls`, read from a block; without one `default` or `cls()`."""

    def read(node: Node, scope: Scope) -> Any:
        if node.args:
            raise node.wrong_args("no arguments but a block in braces")
        return read_block(node, cls, scope)

    # Without a line it is always the same frozen instance, not one for each route.
    if default is MISSING and not repeat:
        default = cls()
    return make_field(read, "{ … }", default, repeat=repeat, takes_block=True, inner=cls, name=name)


def within(block: str, made: Any) -> Any:
    """Moves an option, or those that are joined in, into a block that groups it: `within("servers", …)`."""
    if INLINE in made.metadata:
        made.metadata = {**made.metadata, INSIDE: block}
    else:
        made.metadata = {KEY: dataclasses.replace(made.metadata[KEY], inside=block)}
    return made


def inline(cls: type, *, default: Any = None) -> Any:
    """Makes a field that is the dataclass `cls`, whose options stand among those of the one around it.

    `default` is what lines that are missing leave as it is; without it that is `cls()`.
    """
    return dataclasses.field(default=cls() if default is None else default, metadata={INLINE: cls})


def make_field(read: Read, form: str, default: Any, **rest: Any) -> Any:
    """Makes the dataclass field that holds an Option; its field name is filled in by `listed`."""
    if default is MISSING and rest.get("repeat"):
        default = ()
    spec = Option(field="", form=form, read=read, default=default, **rest)
    if default is MISSING:
        return dataclasses.field(metadata={KEY: spec})
    return dataclasses.field(default=default, metadata={KEY: spec})


def listed(cls: Any) -> list[Option]:
    """Lists the options of a dataclass in the order of its fields, joined ones included."""
    found: list[Option] = []
    for field in dataclasses.fields(cls):
        spec: Option | None = field.metadata.get(KEY)
        if spec is not None:
            found.append(dataclasses.replace(spec, field=field.name, name=spec.name or field.name))
        elif INLINE in field.metadata:
            inside = field.metadata.get(INSIDE, "")
            for each in listed(field.metadata[INLINE]):
                path_to = (field.name, *each.within)
                found.append(dataclasses.replace(each, within=path_to, inside=each.inside or inside))
    return found


@cache
def options(cls: Any, inside: str = "") -> Mapping[str, Option]:
    """Returns the options of a dataclass, or of a block in it, by the word that opens their line."""
    found: dict[str, Option] = {}
    for spec in listed(cls):
        if spec.inside == inside:
            found[spec.name] = spec
        elif not inside and spec.inside not in found:
            found[spec.inside] = group(cls, spec.inside)
    return found


def group(cls: Any, name: str) -> Option:
    """Makes the option that stands for a block which only groups others; it reads as the values of these."""

    def read(node: Node, scope: Scope) -> dict[str, Any]:
        if node.args:
            raise node.wrong_args("no arguments but a block in braces")
        values: dict[str, Any] = {}
        read_lines(node.block or (), name, options(cls, name), scope, values)
        return values

    return Option(field="", name=name, form="{ … }", read=read, default=None, takes_block=True)


def read_block(node: Node, cls: Callable[..., T], scope: Scope, **given: Any) -> T:
    """Makes `cls` from the block of `node`; `given` are the fields that its arguments gave.

    Raises ConfigError for an unknown or repeated option, for wrong arguments, and for a missing one.
    """
    values = dict(given)
    if node.block:
        read_lines(node.block, node.text, options(cls), scope, values)
    try:
        return made(cls, values)
    except TypeError:
        raise missing(node, cls, values) from None


def made(cls: Callable[..., T], values: Mapping[str, Any]) -> T:
    """Makes a dataclass from values by field name; those of joined ones are there under a path of names."""
    own, joined = parted(values)
    if joined:
        defaults = {field.name: field.default for field in dataclasses.fields(cast(Any, cls))}
        own |= {name: filled(defaults[name], inner) for name, inner in joined.items()}
    return cls(**own)


def filled(default: Any, values: Mapping[str, Any]) -> Any:
    """Makes a joined dataclass from its default and the values that were given."""
    own, joined = parted(values)
    own |= {name: filled(getattr(default, name), inner) for name, inner in joined.items()}
    return dataclasses.replace(default, **own)


def parted(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Parts values into those of a dataclass and those of the ones joined into it, by field."""
    own: dict[str, Any] = {}
    joined: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        outer, dot, inner = name.partition(".")
        if dot:
            joined.setdefault(outer, {})[inner] = value
        else:
            own[outer] = value
    return own, joined


def read_lines(
    block: Iterable[Node], inside: str, known: Mapping[str, Option], scope: Scope, values: dict[str, Any]
) -> None:
    """Reads each line of a block into `values`, by field name; repeated ones add to what is there."""
    first: dict[str, Node] = {}
    gathered: dict[str, list[Any]] = {}
    for child in block:
        spec = find_option(child, inside, known)
        if first.setdefault(spec.name, child) is not child and not spec.repeat:
            raise child.duplicate(first[spec.name])
        value = spec.read(child, scope)
        field = spec.key
        if not field:
            values.update(value)
        elif spec.repeat:
            several = gathered.setdefault(field, list(values.get(field, ())))
            several.extend(value if spec.flat else (value,))
        else:
            values[field] = value
    values.update({field: tuple(several) for field, several in gathered.items()})


def find_option(node: Node, inside: str, known: Mapping[str, Option]) -> Option:
    """Finds the option of a line. Raises ConfigError for an unknown one, and for a block out of place."""
    spec = known.get(node.name.text)
    if spec is None:
        raise node.unknown(inside, known)
    if node.block is not None and not spec.takes_block:
        form = f"{spec.name} {spec.form}".strip()
        raise node.error(f"'{node.text}' takes no block", hint=f"write '{form}'")
    return spec


def missing(node: Node, cls: Any, values: Mapping[str, Any]) -> ConfigError:
    """Makes the error for a block without an option that has no default."""
    for spec in listed(cls):
        if spec.default is MISSING and spec.key not in values:
            return node.error(
                f"'{node.text}' lacks '{spec.name}'", hint=f"add '{spec.name} {spec.form}' to its block"
            )
    raise TypeError(f"{cls.__name__} needs more than {sorted(values)}")


def read_value(word: Word, parse: Callable[[str], T], name: str) -> T:
    """Reads one argument of `name`; turns BadValue into an error at that word."""
    try:
        return parse(word.text)
    except BadValue as bad:
        message = f"wrong value for '{name}': given '{clip(word.text)}', expected {bad.expected}"
        raise word.error(message) from bad


def read_values(node: Node, parse: Callable[[str], T], form: str) -> tuple[T, ...]:
    """Reads all arguments of a line, at least one."""
    if not node.args:
        raise node.wrong_args(form)
    return tuple([read_value(word, parse, node.text) for word in node.args])
