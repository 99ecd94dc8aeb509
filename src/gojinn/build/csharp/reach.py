"""Which libraries a function's module has: the image carries all, of which most functions need few. What an
assembly says of others is `metadata`'s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from gojinn.build.csharp.metadata import Assembly, Type

ALWAYS = ("mscorlib", "System", "System.Core")
"""Those that `mscorlib` itself looks for by their names, as `Aes.Create()` does."""
SUFFIX = ".dll"


class Reach:
    """Assemblies by the names of their files."""

    def __init__(self, own: Mapping[str, bytes], library: Mapping[str, bytes]) -> None:
        self.own = own
        self.files = {**library, **own}
        self.read = cache(lambda name: Assembly(self.files[name], name))

    def from_one(self, name: str) -> Iterator[str]:
        """What an assembly uses. A library's attributes do not count: `System` has one of `System.Xml`, and
        nothing else. What is looked for by name does, where the function has that as a text."""
        assembly = self.read(name)
        for place, used in assembly.types:
            if name in self.own or not used.name.endswith("Attribute"):
                yield from self.route(place + SUFFIX, used)
        if name in self.own:
            for text in assembly.literals():
                yield from (part.strip() + SUFFIX for part in text.split(","))

    def route(self, name: str, wanted: Type) -> Iterator[str]:
        """The assembly where a type is looked for, and those to which it is handed on."""
        passed = set[str]()
        while name in self.files and name not in passed:
            passed.add(name)
            yield name
            name = self.read(name).forwards.get(wanted, "") + SUFFIX


def reached(own: Mapping[str, bytes], library: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of all that a function's own assemblies may come to: where the types are that they use, and
    so on. Raises BuildError for a file that is no assembly."""
    reach = Reach(own, library)
    wanted, found = [*own, *(name + SUFFIX for name in ALWAYS)], set[str]()
    while wanted:
        name = wanted.pop()
        if name in reach.files and name not in found:
            found.add(name)
            wanted += reach.from_one(name)
    return {name: content for name, content in reach.files.items() if name in found}
