"""What `gojinn init` writes."""

import re
import shutil
from pathlib import Path

import pytest

from gojinn.app import GRAMMAR
from gojinn.build.languages import LANGUAGES, language, names, read
from gojinn.cli.scaffold import scaffold
from gojinn.config.load import load_config
from gojinn.config.walk import find
from gojinn.errors import UsageError
from gojinn.functions.config import FunctionConfig


@pytest.mark.parametrize("name", names())
def test_folder_holds_everything_to_build_and_serve(tmp_path: Path, name: str) -> None:
    files = {path.name for path in scaffold(tmp_path / "hello", language(name))}
    assert {"gojinn.toml", "Caddyfile", ".gitignore", "README.md"} < files
    project = read(tmp_path / "hello")
    assert (project.name, project.language, project.output.name) == ("hello", name, "hello.wasm")
    assert project.source.exists()


@pytest.mark.parametrize("spoken", LANGUAGES, ids=lambda spoken: spoken.name)
def test_no_template_mark_is_left(tmp_path: Path, spoken: object) -> None:
    for path in scaffold(tmp_path / "hello", language(getattr(spoken, "name"))):  # noqa: B009
        assert "{{" not in path.read_text()


def test_the_block_in_the_readme_can_be_served(tmp_path: Path) -> None:
    folder = tmp_path / "hello"
    scaffold(folder, language("c"))
    (folder / "build").mkdir()
    (folder / "build/hello.wasm").touch()
    (block,) = re.findall(r"```caddyfile\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    (folder / "Caddyfile").write_text(f":0 {{\n{block}}}\n")
    config = load_config(str(folder / "Caddyfile"), GRAMMAR, env={"TOKEN": "secret"})
    (found,) = find(config, FunctionConfig)
    assert [variable.name for variable in found.env] == ["GREETING", "TOKEN"]
    assert found.permissions.kv_write == ("items/",)


def test_refuses_to_overwrite_and_leaves_everything_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text("mine")
    with pytest.raises(UsageError, match="Caddyfile"):
        scaffold(tmp_path, language("c"))
    assert [path.name for path in tmp_path.iterdir()] == ["Caddyfile"]
    assert (tmp_path / "Caddyfile").read_text() == "mine"


def test_writes_into_a_folder_that_holds_other_files(tmp_path: Path) -> None:
    folder = tmp_path / "hello"
    folder.mkdir()
    (folder / "notes.txt").touch()
    scaffold(folder, language("c"))
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["1st", "a b", "a{{b}}", "ä", "-x", "a" * 65])
def test_refuses_names_that_would_not_do_everywhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot name a function"):
        scaffold(tmp_path / name, language("c"))


def test_refuses_what_a_language_keeps_for_itself(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'go' cannot name a function in Go"):
        scaffold(tmp_path / "go", language("go"))
