"""What is listed in one visible table is complete: directives, matchers, commands, languages."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from gojinn.app import DIRECTIVES, MATCHERS, TRIGGERS
from gojinn.build.languages import LANGUAGES
from gojinn.cli.main import PANELS
from gojinn.config.directive import Directive, Matcher
from gojinn.errors import GojinnError
from gojinn.triggers.webhook import directive as webhook

SOURCE = Path(__file__).parents[2] / "src" / "gojinn"
TESTS = Path(__file__).parents[1]


def modules(folder: str) -> list[str]:
    """Names the modules in a folder."""
    return sorted(path.stem for path in (SOURCE / folder).glob("*.py") if path.stem != "__init__")


def exported(folder: str, name: str) -> list[object]:
    """Imports what each module of a folder exports under a name; modules without it are left out."""
    dotted = folder.replace("/", ".")
    found = (getattr(import_module(f"gojinn.{dotted}.{stem}"), name, None) for stem in modules(folder))
    return [each for each in found if each is not None]


def test_every_directive_is_listed_once() -> None:
    files = [each for each in exported("edge/directives", "DIRECTIVE") if isinstance(each, Directive)]
    files += [each.directive for each in TRIGGERS if each.directive is not None]
    files.append(webhook.DIRECTIVE)  # a trigger that is a route
    assert sorted(each.name for each in files) == sorted(each.name for each in DIRECTIVES)
    assert len({each.name for each in DIRECTIVES}) == len(DIRECTIVES)


def test_every_trigger_is_listed_once() -> None:
    folders = sorted(path.name for path in (SOURCE / "triggers").iterdir() if (path / "trigger.py").exists())
    assert sorted(each.word for each in TRIGGERS) == folders


def test_only_triggers_make_no_handler() -> None:
    without = {each.name for each in DIRECTIVES if each.build is None}
    assert without == {each.directive.name for each in TRIGGERS if each.directive is not None}


def test_every_matcher_is_listed_once() -> None:
    files = [each for each in exported("edge/matchers", "MATCHER") if isinstance(each, Matcher)]
    assert sorted(each.name for each in files) == sorted(each.name for each in MATCHERS)
    assert len({each.name for each in MATCHERS}) == len(MATCHERS)


def test_every_command_is_listed_once() -> None:
    listed = [name for commands in PANELS.values() for name in commands]
    assert sorted(listed) == modules("cli/commands")


def test_every_language_has_its_template() -> None:
    templates = {path.name for path in (SOURCE / "cli" / "templates").iterdir()}
    assert {language.name for language in LANGUAGES} | {"project"} == templates


def test_every_directive_has_tests() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]
    missing = [each.name for each in DIRECTIVES if not any(f"{each.name} " in text for text in texts)]
    assert not missing


def test_every_error_has_a_meaning_and_each_code_one_status() -> None:
    kinds = [GojinnError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert all(kind.__doc__ for kind in kinds)
    assert len({(kind.code, kind.status) for kind in kinds}) == len({kind.code for kind in kinds})
    assert {kind.exit_code for kind in kinds} <= {1, 2, 3, 4}
