"""Documentation taken from the code."""

from __future__ import annotations

from typing import Any

from gojinn.config.reference import OptionEntry, collect


def test_directive_has_its_syntax_text_and_options(grammar: Any) -> None:
    answer = next(each for each in collect(grammar).directives if each.name == "answer")
    assert answer.syntax == "answer <text> {\n    after <duration>\n    key   <secret>\n}"
    assert answer.text == "Answers with a text."
    assert answer.options[0] == OptionEntry(
        "after", "<duration>", "How long to wait.", 0.0, "seconds", required=False, repeat=False, inside=""
    )


def test_matchers_are_documented(grammar: Any) -> None:
    assert [each.name for each in collect(grammar).matchers] == ["path", "method", "not"]


def test_every_global_option_and_site_directive_has_a_text(grammar: Any) -> None:
    reference = collect(grammar)
    entries = [*reference.options.options, *reference.site.options]
    assert [each.name for each in entries if not each.text] == []
    assert {"admin", "order", "trusted_proxies", "data_dir", "tls", "bind"} <= {each.name for each in entries}


def test_nested_options_are_documented(grammar: Any) -> None:
    log = next(each for each in collect(grammar).site.options if each.name == "log")
    assert [each.name for each in log.options] == ["output", "format", "level"]
