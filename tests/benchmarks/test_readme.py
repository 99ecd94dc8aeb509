"""What the benchmarks write into the README, and that they leave no language out."""

from pathlib import Path

import pytest
from benchmarks.languages import TAX, job, taxed
from benchmarks.readme import README, between

from gojinn.build.language import Language
from gojinn.build.languages import LANGUAGES, read

TEXT = "before\n<!-- x: begin -->\nold\n<!-- x: end -->\nafter\n"


def test_only_what_is_between_the_marks_changes() -> None:
    changed = between(TEXT, "x", ["one", r"two \1"])
    assert changed == TEXT.replace("old\n", "one\ntwo \\1\n")
    assert between(changed, "x", ["old"]) == TEXT


@pytest.mark.parametrize("text", ["", TEXT * 2, TEXT.replace("end", "and")])
def test_marks_that_are_not_there_once_are_told(text: str) -> None:
    with pytest.raises(ValueError, match="'<!-- x: begin -->'"):
        between(text, "x", [])


def test_readme_has_the_table_of_languages() -> None:
    text = README.read_text(encoding="utf-8")
    assert between(text, "languages", []) != text


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_every_language_has_the_job(language: Language, tmp_path: Path) -> None:
    folder = job(language, tmp_path)
    assert read(folder).language == language.name
    assert taxed(folder).read_text().count(TAX) == 1
