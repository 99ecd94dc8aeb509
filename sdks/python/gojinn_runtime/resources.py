"""Files of packages, for `importlib.resources` and `importlib.metadata`: in memory, as all of the bundle."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import Distribution, Prepared
from importlib.resources import as_file
from importlib.resources.abc import Traversable, TraversableResources
from pathlib import Path
from typing import Any


class Reader(TraversableResources):
    """Reads the files of one package."""

    def __init__(self, files: Mapping[str, bytes], place: str) -> None:
        self.place = Place(files, place)

    def files(self) -> Traversable:
        return self.place


class Place(Traversable):
    """A file or folder in the bundle."""

    def __init__(self, files: Mapping[str, bytes], path: str) -> None:
        self.all = files
        self.path = path

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def is_file(self) -> bool:
        return self.path in self.all

    def is_dir(self) -> bool:
        return any(True for _ in self.inside())

    def inside(self) -> Iterator[str]:
        """The names of what is below, as often as there are files in it."""
        start = f"{self.path}/"
        return (name[len(start) :].partition("/")[0] for name in self.all if name.startswith(start))

    def iterdir(self) -> Iterator[Traversable]:
        return (Place(self.all, f"{self.path}/{name}") for name in dict.fromkeys(self.inside()))

    def open(self, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if self.path not in self.all:
            raise FileNotFoundError(2, "no such file in the function", self.path)
        binary = io.BytesIO(self.all[self.path])
        return binary if "b" in mode else io.TextIOWrapper(binary, *arguments, **options)


@as_file.register
@contextmanager
def path_of(place: Place) -> Iterator[Path]:
    """The path by which `open` finds it."""
    yield Path(place.path)


class Installed(Distribution):
    """What is known of an installed package."""

    def __init__(self, files: Mapping[str, bytes], folder: str) -> None:
        self.all = files
        self.folder = folder

    def read_text(self, filename: Any) -> str | None:
        content = self.all.get(f"{self.folder}/{filename}")
        return None if content is None else content.decode()

    def locate_file(self, path: Any) -> Any:
        return Place(self.all, str(path))


def distributions(files: Mapping[str, bytes], name: str | None) -> Iterator[Installed]:
    """The packages of a name, or all."""
    wanted = None if name is None else Prepared(name).normalized
    for file in files:
        folder, _, rest = file.partition("/")
        known = (None, Prepared.normalize(folder.partition("-")[0]))
        if rest == "METADATA" and folder.endswith(".dist-info") and wanted in known:
            yield Installed(files, folder)
