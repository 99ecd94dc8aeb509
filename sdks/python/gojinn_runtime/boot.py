"""What the image of Python runs when a function is built: takes the function's files and imports from them.

Modules come from the bundle, whose files are in memory: there is no file system, when a function is built or
later. What is done with the function's module is `serve`'s. This file alone is run before there is an import.
"""

import builtins
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib import spec_from_loader as spec_of

__builtins__ = builtins  # which an import by C looks for, as that of `unicodedata` for '\\N{…}' in a source


class Sources:
    """Finds and loads modules among the bundle's files; as a meta path finder and their loader."""

    def __init__(self, files):
        """Takes files by their names: `main.py`, `gojinn_sdk/kv.py`."""
        self.files = files
        self.compiled = {}
        """Code objects of sources, by name."""
        self.folders = {name[:at] for name in files for at in range(len(name)) if name[at] == "/"}

    def find_spec(self, fullname, path=None, target=None):
        """Finds a module or package; a folder without `__init__.py` is a namespace package."""
        place = fullname.replace(".", "/")
        for name, is_package in ((f"{place}/__init__.py", True), (f"{place}.py", False)):
            if name in self.files:
                spec = spec_of(fullname, self, origin=name, is_package=is_package)
                spec.has_location = True
                if is_package:
                    spec.submodule_search_locations = [place]
                return spec
        if place not in self.folders:
            return None
        spec = ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [place]
        return spec

    def create_module(self, spec):
        """Leaves that to Python."""

    def exec_module(self, module):
        """Runs a module's source."""
        exec(self.code(module.__spec__.origin), module.__dict__)

    def code(self, name):
        """Compiles a source. Raises SyntaxError."""
        if name not in self.compiled:
            self.compiled[name] = compile(text_of(self.files[name]), name, "exec", dont_inherit=True)
        return self.compiled[name]

    def origin(self, fullname):
        """The file of a module. Raises ImportError."""
        spec = self.find_spec(fullname)
        if spec is None or spec.origin is None:
            raise ImportError(f"no file of {fullname!r}", name=fullname)
        return spec.origin

    def get_filename(self, fullname):
        return self.origin(fullname)

    def get_code(self, fullname):
        return self.code(self.origin(fullname))

    def is_package(self, fullname):
        return self.origin(fullname).endswith("/__init__.py")

    def get_source(self, fullname):
        """The text of a module, for the lines in a traceback."""
        return text_of(self.files[self.origin(fullname)])

    def get_data(self, path):
        """The content of any file: `pkgutil.get_data`. Raises OSError."""
        try:
            return self.files[path.lstrip("/")]
        except KeyError:
            raise FileNotFoundError(2, "no such file in the function", path) from None

    def get_resource_reader(self, fullname):
        """What `importlib.resources` reads a package's files with."""
        from gojinn_runtime.resources import Reader

        return Reader(self.files, fullname.replace(".", "/"))

    def find_distributions(self, context):
        """Finds what `importlib.metadata` tells of packages."""
        from gojinn_runtime.resources import distributions

        return distributions(self.files, context.name)


class Folder:
    """A folder of the bundle, as what `pkgutil` looks for modules in."""

    def __init__(self, sources, path):
        """Takes a path of a package; raises ImportError for one that is elsewhere, as a path hook does."""
        self.place = path.lstrip("/")
        self.sources = sources
        if self.place not in sources.folders:
            raise ImportError(f"no folder {path!r} in the function", path=path)

    def find_spec(self, fullname, target=None):
        """Finds a module: `sys.meta_path` has what does that."""
        return self.sources.find_spec(fullname)

    def iter_modules(self, prefix=""):
        """The names of its modules, and whether they are packages."""
        start = f"{self.place}/"
        for name in sorted(self.sources.files):
            inside, _, rest = name[len(start) :].partition("/") if name.startswith(start) else ("", "", "")
            if rest == "__init__.py":
                yield prefix + inside, True
            elif not rest and inside.endswith(".py") and inside != "__init__.py":
                yield prefix + inside[:-3], False


def text_of(source):
    """Decodes a source, in the encoding that it names. Raises SyntaxError, UnicodeDecodeError."""
    from importlib.util import decode_source

    return decode_source(source)


def unpacked(bundle):
    """The head of a bundle, and its files: a line of JSON, then their contents one after another."""
    import json

    line, _, rest = bundle.partition(b"\n")
    head, files, at = json.loads(line), {}, 0
    for name, size in head["files"]:
        files[name] = rest[at : at + size]
        at += size
    return head, files


def boot(bundle):
    """Loads the function; what answers its requests."""
    head, files = unpacked(bundle)
    sources = Sources(files)
    sys.meta_path.insert(1, sources)  # before the standard library, as a program's folder is elsewhere
    sys.path_hooks.insert(0, lambda path: Folder(sources, path))
    from gojinn_runtime.serve import load

    return load(head["main"], head["own"], sources)
