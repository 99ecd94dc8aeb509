"""The manifest: what is accepted, and that each mistake is told with its line."""

import os
from pathlib import Path

import pytest

from gojinn.build.project import DEFAULT_STACK, LARGEST, projects_below, read_project
from gojinn.errors import ConfigError, NotFound

LANGUAGES = {"c": (("main.c", "main.c"),), "go": (("go.mod", "."), ("main.go", "."))}
GOOD = 'name = "hi"\nlanguage = "c"\nsource = "main.c"\noutput = "out/hi.wasm"\n'


def manifest(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "gojinn.toml").write_text(text)
    return folder


def test_reads_a_manifest_with_absolute_paths(tmp_path: Path) -> None:
    project = read_project(manifest(tmp_path, GOOD + 'flags = ["-g"]\nstack = 131072\n'), LANGUAGES)
    assert (project.name, project.language, project.flags, project.stack) == ("hi", "c", ("-g",), 131_072)
    assert project.source == tmp_path / "main.c"
    assert project.output == tmp_path / "out" / "hi.wasm"


def test_stack_is_small_unless_stated(tmp_path: Path) -> None:
    assert read_project(manifest(tmp_path, GOOD), LANGUAGES).stack == DEFAULT_STACK


def test_missing_manifest_hints_at_init(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_project(tmp_path, LANGUAGES)
    assert "gojinn init" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "'language' is missing"),
        (GOOD.replace("language", "langage"), 2, "unknown key 'langage'"),
        (GOOD.replace('"c"', '"cobol"'), 2, "unknown language 'cobol'"),
        (GOOD.replace('"main.c"', "7"), 3, "'source' is 7"),
        (GOOD.replace('"hi"', '"../up"'), 1, "'name' is '../up'"),
        (GOOD.replace("hi.wasm", "main.c"), 4, "'output' is 'out/main.c'"),
        (GOOD + "stack = 100\n", 5, "'stack' is 100"),
        (GOOD + "stack = true\n", 5, "'stack' is True"),
        (GOOD + 'flags = "-g"\n', 5, "'flags' is '-g'"),
        (GOOD + "[more]\nx = 1\n", 5, "unknown key 'more'"),
        (GOOD + "name = \n", 5, "invalid value"),
        (GOOD + 'flags = ["', 5, "unterminated string"),
        ("\0", 1, ""),
    ],
)
def test_each_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_project(manifest(tmp_path, text), LANGUAGES)
    assert caught.value.place is not None
    assert caught.value.place.line == line
    assert message in caught.value.message


def test_manifest_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gojinn.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError):
        read_project(tmp_path, LANGUAGES)


@pytest.mark.parametrize("kind", ["folder", "pipe", "huge"])
def test_manifest_that_is_no_file_of_that_kind_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "gojinn.toml"
    make = {
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "huge": lambda: path.write_bytes(b"#" * (LARGEST + 1)),
    }
    make[kind]()
    with pytest.raises(ConfigError, match=r"gojinn.toml' (is no file|has more than)"):
        read_project(tmp_path, LANGUAGES)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("my function", "my-function"),
        ("-rf", "rf"),
        ("_private", "private"),
        ("caf\xe9", "cafe"),
        ("\u95a2\u6570", "function"),
        ("v1.2 (copy)", "v1.2-copy"),
        ("x" * 100, "x" * 64),
        ("\udcff!", "function"),
    ],
)
def test_a_name_is_made_of_the_folders(tmp_path: Path, folder: str, name: str) -> None:
    project = read_project(manifest(tmp_path / folder, 'language = "c"\n'), LANGUAGES)
    assert (project.name, project.output.name) == (name, f"{name}.wasm")


def test_finds_projects_below_a_folder_but_not_in_hidden_ones(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    manifest(tmp_path / "a" / "one", GOOD)
    manifest(tmp_path / "two", GOOD)
    manifest(tmp_path / ".git", GOOD)
    assert [folder.name for folder in projects_below(tmp_path)] == ["one", "two"]


def test_files_tell_the_language_where_nothing_says_it(tmp_path: Path) -> None:
    (tmp_path / "main.go").touch()
    project = read_project(tmp_path, LANGUAGES)
    assert (project.language, project.source, project.name) == ("go", tmp_path, tmp_path.name)
    assert project.output == tmp_path / "build" / f"{tmp_path.name}.wasm"


def test_a_manifest_says_what_files_do_not(tmp_path: Path) -> None:
    (tmp_path / "main.go").touch()
    (tmp_path / "main.c").touch()
    with pytest.raises(ConfigError, match="several languages: c, go") as caught:
        read_project(tmp_path, LANGUAGES)
    assert f"""'language = "c"' or 'language = "go"' into '{tmp_path}/gojinn.toml'""" in str(
        caught.value.hint
    )
    project = read_project(manifest(tmp_path, 'language = "c"\nname = "hi"\n'), LANGUAGES)
    assert (project.language, project.source, project.name) == ("c", tmp_path / "main.c", "hi")
