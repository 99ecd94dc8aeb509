"""Imports of snippets and files, their arguments, chains and cycles."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gojinn.caddyfile import parser
from gojinn.caddyfile.parser import LONGEST_CHAIN, parse
from gojinn.errors import ConfigError, Place

ARGUMENTS = {
    "one": ("b {args[0]}", "x", [("b", "x")]),
    "older form": ("b {args.1} {args.0}", "x y", [("b", "y", "x")]),
    "within a word": ("b pre{args[0]}post{args[1]}", "x y", [("b", "prexposty")]),
    "all": ("b {args[:]} c", "x y z", [("b", "x", "y", "z", "c")]),
    "from": ("b {args[1:]}", "x y z", [("b", "y", "z")]),
    "to": ("b {args[:2]}", "x y z", [("b", "x", "y")]),
    "between": ("b {args[1:2]}", "x y z", [("b", "y")]),
    "none left": ("b {args[1:]}", "x", [("b",)]),
    "directive": ("{args[0]} c", "b", [("b", "c")]),
    "keeps spaces": ("b {args[0]}", '"x  y"', [("b", "x  y")]),
    "brace is text": ("b {args[0]}", '"{"', [("b", "{")]),
    "passed on": ("import t {args[0]} c", "x", [("in", "x", "c")]),
    "import of an argument": ("import {args[0]} y z", "t", [("in", "y", "z")]),
}


@pytest.mark.parametrize(("line", "args", "expected"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_are_put_in_place(meaning: Any, line: str, args: str, expected: Any) -> None:
    text = f"(t) {{\n\tin {{args[:]}}\n}}\n(s) {{\n\t{line}\n}}\na {{\n\timport s {args}\n}}"
    assert meaning(text) == ([], [(["a"], expected)])


def test_line_that_an_empty_run_leaves_empty_is_dropped(meaning: Any) -> None:
    text = "(s) {\n\t{args[1:]}\n\tb\n}\na {\n\timport s x\n}"
    assert meaning(text) == ([], [(["a"], [("b",)])])


def test_missing_argument_is_an_error_with_the_import_chain() -> None:
    with pytest.raises(ConfigError, match=r"'\{args\[1\]\}' has no value") as caught:
        parse("Caddyfile", "(s) {\n\tb {args[1]}\n}\na {\n\timport s x\n}")
    assert caught.value.place == Place("Caddyfile", 2, 4, (Place("Caddyfile", 5, 2),))


def test_snippet_may_hold_blocks_and_imports(meaning: Any) -> None:
    text = "(t) {\n\td\n}\n(s) {\n\tb {\n\t\timport t\n\t}\n}\na {\n\timport s\n\timport s\n}"
    assert meaning(text) == ([], [(["a"], [("b", [("d",)]), ("b", [("d",)])])])


def test_snippet_must_be_defined_before_its_import() -> None:
    with pytest.raises(ConfigError, match="no snippet and no file 's'") as caught:
        parse("/nowhere/Caddyfile", "a {\n\timport s\n}\n(s) {\n}")
    assert caught.value.hint == "define the snippet '(s)' above, or create the file"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a few files to import."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "one.caddy").write_text("one {\n\timport ../common\n}\n")
    (tmp_path / "sites" / "two.caddy").write_text("two {\n\timport ../common\n}\n")
    (tmp_path / "sites" / ".hidden.caddy").write_text("}")
    (tmp_path / "common").write_text("b {$X:c}\n")
    (tmp_path / "snippets").write_text("(s) {\n\tb {args[0]}\n}\n")
    (tmp_path / "with_args").write_text("b {args[0]} {args[1]}\n")
    return tmp_path


def load(meaning: Any, folder: Path, text: str, **env: str) -> Any:
    """What a Caddyfile in the folder means."""
    return meaning(text, env, str(folder / "Caddyfile"))[1]


def test_file_is_relative_to_the_file_that_imports_it(meaning: Any, folder: Path) -> None:
    assert load(meaning, folder, "import sites/one.caddy") == [(["one"], [("b", "c")])]


def test_absolute_path_is_imported(meaning: Any, folder: Path) -> None:
    assert load(meaning, folder, f"a\nimport {folder}/common") == [(["a"], [("b", "c")])]


def test_pattern_imports_all_matches_in_order_without_hidden_ones(meaning: Any, folder: Path) -> None:
    assert [keys for keys, _ in load(meaning, folder, "import sites/*.caddy")] == [["one"], ["two"]]


def test_pattern_that_matches_nothing_imports_nothing(meaning: Any, folder: Path) -> None:
    assert load(meaning, folder, "a\nimport *.none\nd") == [(["a"], [("d",)])]


def test_variables_count_in_imported_files(meaning: Any, folder: Path) -> None:
    assert load(meaning, folder, "a\nimport common", X="v") == [(["a"], [("b", "v")])]


def test_file_takes_arguments(meaning: Any, folder: Path) -> None:
    assert load(meaning, folder, "a\nimport with_args x y") == [(["a"], [("b", "x", "y")])]


def test_imported_snippets_keep_their_arguments(meaning: Any, folder: Path) -> None:
    assert load(meaning, folder, "import snippets\na {\n\timport s x\n}") == [(["a"], [("b", "x")])]


def test_all_files_are_listed_once_and_absolute(folder: Path) -> None:
    (folder / "Caddyfile").write_text("import sites/*\n")
    document = parse(str(folder / "Caddyfile"))
    names = [os.path.relpath(file, folder) for file in document.files]
    assert names == ["Caddyfile", "sites/one.caddy", "common", "sites/two.caddy"]


def wrong(folder: Path, text: str) -> ConfigError:
    """The error that a Caddyfile in the folder ends with."""
    with pytest.raises(ConfigError) as caught:
        parse(str(folder / "Caddyfile"), text)
    return caught.value


def test_error_in_an_imported_file_names_it_and_the_import(folder: Path) -> None:
    (folder / "common").write_text("b {\n")
    place = wrong(folder, "import sites/one.caddy").place
    assert place is not None
    assert [str(each).removeprefix(f"{folder}/") for each in (place, *place.via)] == [
        "sites/../common:1:3",
        "sites/one.caddy:2:2",
        "Caddyfile:1:1",
    ]


def test_word_error_in_an_imported_file_names_the_import(folder: Path) -> None:
    (folder / "common").write_text('b "c\n')
    assert "imported at" in wrong(folder, "a\nimport common").render()


def test_bytes_that_are_no_text_in_an_imported_file_name_the_import(folder: Path) -> None:
    (folder / "common").write_bytes(b"b \xff\n")
    error = wrong(folder, "a\nimport common")
    assert error.place == Place(f"{folder}/common", 1, 3, (Place(f"{folder}/Caddyfile", 2, 1),))


WRONG_FILES = {
    "missing": ("import none", "no snippet and no file 'none'"),
    "directory": ("import sites", "is a directory"),
    "not a file below a file": ("import common/x", "no snippet and no file"),
    "two wildcards": ("import */*.caddy", "more than one wildcard"),
    "class of letters": ("import [ab].caddy", "more than one wildcard"),
    "braces not closed inside": ("import open", "never closed"),
    "closing brace inside": ("a {\nimport close\n}", "unexpected '}'"),
}


@pytest.mark.parametrize(("text", "message"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_wrong_import_is_an_error(folder: Path, text: str, message: str) -> None:
    (folder / "open").write_text("a {\n")
    (folder / "close").write_text("b\n}\n")
    assert message in wrong(folder, text).message


def test_file_that_imports_itself_is_an_error(folder: Path) -> None:
    (folder / "Caddyfile").write_text("a\nimport Caddyfile\n")
    error = wrong(folder, "a\nimport Caddyfile")
    assert error.message.startswith("import cycle: ")


def test_link_to_the_importing_file_is_a_cycle(folder: Path) -> None:
    (folder / "link").symlink_to("Caddyfile")
    (folder / "Caddyfile").write_text("a\nimport link\n")
    assert "import cycle" in wrong(folder, "a\nimport link").message


def test_snippets_that_import_each_other_are_a_cycle() -> None:
    text = "(s) {\n\timport t\n}\n(t) {\n\timport s\n}\na\nimport s"
    with pytest.raises(ConfigError, match=r"import cycle: \(s\) → \(t\) → \(s\)"):
        parse("Caddyfile", text)


def test_long_chain_of_imports_is_an_error() -> None:
    links = [f"(s{i}) {{\n\timport s{i + 1}\n}}" for i in range(LONGEST_CHAIN + 1)]
    text = "\n".join(["(s99) {\n}", *links, "a", "import s0"])
    with pytest.raises(ConfigError, match=f"imports are nested deeper than {LONGEST_CHAIN}"):
        parse("Caddyfile", text)


def test_snippets_that_double_at_every_step_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "MOST_LINES", 1000)
    steps = [f"(s{i}) {{\n\timport s{i + 1}\n\timport s{i + 1}\n}}" for i in range(25)]
    text = "\n".join([*steps, "(s25) {\n\tb\n}", "a", "import s0"])
    with pytest.raises(ConfigError, match="imports bring in more than 1000 lines"):
        parse("Caddyfile", text)


def test_blocks_of_imports_count_for_the_depth() -> None:
    nest = "(s{0}) {{\n" + "b {{\n" * 20 + "import s{1}\n" + "}}\n" * 21
    text = "".join(nest.format(i, i + 1) for i in range(3)) + "(s3) {\n}\na\nimport s0"
    with pytest.raises(ConfigError, match="nested deeper"):
        parse("Caddyfile", text)
