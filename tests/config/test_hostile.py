"""Files that nobody wrote in good faith: a right result or one clear error, fast. With the whole grammar."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gojinn.app import GRAMMAR
from gojinn.config.export import to_json
from gojinn.config.fields import options
from gojinn.config.load import load_config
from gojinn.config.model import Config, Options
from gojinn.config.parcel import pack
from gojinn.errors import ConfigError

MEGABYTES_10 = 10 * 1024 * 1024


@contextmanager
def seconds(most: float) -> Iterator[None]:
    """Fails when the block takes more CPU time."""
    start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - start < most


def load(text: str, env: dict[str, str] | None = None) -> Config:
    """Reads a text with the whole grammar."""
    return load_config("/nowhere/Caddyfile", GRAMMAR, text=text, env=env or {})


def refused(text: str, env: dict[str, str] | None = None) -> str:
    """The report of the error that a text ends with; it is short whatever the text is."""
    with pytest.raises(ConfigError) as caught:
        load(text, env)
    report = caught.value.render()
    assert len(report) < 5000
    return report


BIG = {
    "comment": ("# " + "x" * MEGABYTES_10, ""),
    "comments": ("# x\n" * (MEGABYTES_10 // 4), ""),
    "blank lines": ("\n" * MEGABYTES_10, ""),
    "spaces": (" " * MEGABYTES_10, ""),
    "spaces at the end": (":80\n" + " " * MEGABYTES_10, ""),
    "one quoted text": (':80\nrespond "' + "x" * MEGABYTES_10 + '"', ""),
    "one heredoc": (":80\nrespond <<X\n" + "x\n" * (MEGABYTES_10 // 2) + "X", ""),
    "one word": ("x" * MEGABYTES_10, "wrong address 'xxx"),
    "one directive": (":80\n" + "x" * MEGABYTES_10, "unknown directive 'xxx"),
    "one line of words": (":80\nrespond " + "x " * (MEGABYTES_10 // 2), "more than 1000000 words"),
    "backslashes": (":80\nrespond " + "\\" * MEGABYTES_10, ""),
    "quotes": (":80\nrespond " + '"' * MEGABYTES_10, "more than 1000000 words"),
    "escaped quotes": (':80\nrespond "' + '\\"' * (MEGABYTES_10 // 2), "is never closed"),
    "heredoc without end": (":80\nrespond <<X\n" + "x\n" * (MEGABYTES_10 // 2), "is never closed"),
    "closing braces": ("}\n" * (MEGABYTES_10 // 2), "more than 1000000 words"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("text", "message"), BIG.values(), ids=BIG)
def test_ten_megabytes_are_read_or_refused_in_time(text: str, message: str) -> None:
    with seconds(20):
        if message:
            assert message in refused(text)
        else:
            load(text)


ODD = {
    "nul": (":80\nrespond a\0b", "NUL byte in the text"),
    "nul in quotes": (':80\nrespond "\0"', "NUL byte in the text"),
    "nested braces": (":80 {\n" + "handle {\n" * 100_000, "nested deeper than 50"),
    "opening braces": ("{ " * 100_000, "unexpected '{' after '{'"),
    "opening braces on lines": ("{\n" * 100_000, "unexpected '{' on a line of its own"),
    "closing braces": ("}\n" * 100_000, "no block is open"),
    "commas": (",\n" * 100_000, "expected another address"),
    "not nested": (":80\n@m " + "not " * 10_000 + "path /a\nrespond @m a", "nested deeper than 20"),
    "separators": (":80\nrespond a\u2028b\u0085c", "wrong arguments for 'respond'"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("text", "message"), ODD.values(), ids=ODD)
def test_odd_text_is_refused_with_a_clear_error(text: str, message: str) -> None:
    with seconds(4):
        assert message in refused(text)


def test_carriage_returns_and_byte_order_mark_mean_nothing() -> None:
    text = ":80 {\n\trespond <<X\n\t\ta\n\t\tb\n\t\tX 200\n}\n"
    assert to_json(load("\ufeff" + text.replace("\n", "\r\n"))) == to_json(load(text))


ENVIRONMENT = {
    "braces": ("handle {\n\trespond a\n}", ""),
    "brace that is not closed": ("handle {", "never closed"),
    "brace that closes": ("}", "no block is open"),
    "quote": ('"', "is never closed"),
    "comment": ("# respond", ""),
    "heredoc": ("respond <<X\na\nX", ""),
    "import of itself": ("import Caddyfile", "no snippet and no file 'Caddyfile' to import"),
    "variable": ("{$X}", "unknown directive '{$X}'"),
}


@pytest.mark.parametrize(("value", "message"), ENVIRONMENT.values(), ids=ENVIRONMENT)
def test_variable_is_text_like_any_other(value: str, message: str) -> None:
    text = ":80 {\n\t{$X}\n}"
    if message:
        assert message in refused(text, {"X": value})
    else:
        load(text, {"X": value})


def test_error_shows_the_name_of_a_variable_not_its_value() -> None:
    assert "hunter2" not in refused(":80\nrespond a b {$SECRET} c", {"SECRET": "x hunter2"}).split("\n", 1)[1]


def test_file_that_imports_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match="is a directory"):
        load_config(str(tmp_path / "Caddyfile"), GRAMMAR, text=":80\nimport folder", env={})


@pytest.mark.parametrize("path", ["/dev/zero", "/", "\0", "x" * 5000], ids=["zero", "root", "nul", "long"])
def test_what_is_no_configuration_file_is_refused(path: str) -> None:
    with seconds(2), pytest.raises(ConfigError):
        load_config(path, GRAMMAR, env={})


NAMES = [*(d.name for d in GRAMMAR.directives), "tls", "bind", "log", "@m", "import"]
MATCHERS = [matcher.name for matcher in GRAMMAR.matchers]
INNER = sorted({name for d in GRAMMAR.directives for name in options(d.config)})
WORDS = st.sampled_from(
    [
        *("*", "/a", "/a/*", "@m", "a", "200", "-1", "0", "5s", "10MB", "{path}", "{env.X}", "{x", "a b", ""),
        *("+X-A", "-X-A", "?X-A", "=", "private_ranges", "http://a:1", "[::1]:80", "(", "[", "(?P<a>.)"),
        *("\\", "é", "9" * 40, "\u2028", "%zz", "../../x", "a:b:c", ":", "first", "static", "file", "true"),
        *MATCHERS,
        *NAMES,
    ]
)


def quoted(word: str) -> str:
    """A word as it is written."""
    return f"`{word}`" if "`" not in word else "x"


@st.composite
def lines(draw: st.DrawFn, names: list[str], depth: int = 0) -> str:
    """Directives with any arguments and blocks."""
    written = []
    for _ in range(draw(st.integers(0, 3))):
        args = draw(st.lists(WORDS | st.text(max_size=5), max_size=4))
        line = " ".join([draw(st.sampled_from(names)), *map(quoted, args)])
        if depth < 3 and draw(st.booleans()):
            inside = draw(lines(draw(st.sampled_from([NAMES, INNER, MATCHERS])), depth + 1))
            line += f" {{\n{inside}}}"
        written.append(line + "\n")
    return "".join(written)


def report(text: str) -> str:
    """What is said of a text: its configuration or its error. Anything else that is raised is a failure."""
    try:
        config = load(text)
    except ConfigError as error:
        return error.render()
    pack(config)
    return to_json(config)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(lines([*options(Options), "email"]))
def test_any_options_are_configuration_or_a_config_error(written: str) -> None:
    assert report(f"{{\n{written}}}\n")


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(lines(NAMES))
def test_any_directives_are_configuration_or_a_config_error(written: str) -> None:
    assert report(f":80 {{\n{written}}}\n")


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(lines(MATCHERS))
def test_any_matchers_are_configuration_or_a_config_error(written: str) -> None:
    assert report(f":80 {{\n@m {{\n{written}}}\nrespond @m x\n}}\n")
