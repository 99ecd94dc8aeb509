"""The page of global options and of the manifest of a function."""

from __future__ import annotations

from docs.generator.entries import option_table
from docs.generator.markdown import block, code, table

from gojinn.build.languages import LANGUAGES
from gojinn.build.project import MANIFEST, Project
from gojinn.config.model import Options
from gojinn.config.reference import field_texts, option_entries

GLOBAL = """\
# Options

## Global options

A block without an address, before all sites:
"""

EXAMPLE = """\
{
	admin localhost:2019
	grace_period 30s
	gojinn {
		cache_dir /var/cache/gojinn
	}
}"""

FUNCTION = f"""\
## Manifest of a function

`{MANIFEST}` in a function's folder says what `gojinn build` does there. Paths start at the folder.
"""


def page() -> str:
    """Makes the page."""
    parts = [GLOBAL, block(EXAMPLE, "caddyfile"), option_table(option_entries(Options)), FUNCTION, manifest()]
    return "\n".join([*parts, "Languages:\n", languages()])


def manifest() -> str:
    """Shows the manifest's keys."""
    documented = field_texts(Project)
    names = [name for name in Project.__dataclass_fields__ if name != "folder"]
    return table(("key", "meaning"), [(code(name), documented[name]) for name in names])


def languages() -> str:
    """Shows the languages that can be built."""
    rows = [(code(each.name), each.title, code(each.source), each.install) for each in LANGUAGES]
    return table(("language", "", "usual `source`", "without a compiler"), rows)
