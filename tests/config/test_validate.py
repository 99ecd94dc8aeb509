"""What is wrong with a configuration as a whole, all at once."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from gojinn.caddyfile.parser import parse
from gojinn.config.adapt import adapt
from gojinn.config.validate import validate
from gojinn.errors import SHOWN_ERRORS, ConfigError, ConfigErrors


@pytest.fixture
def errors(tmp_path: Path, grammar: Any) -> Any:
    """Validates a Caddyfile in a folder with `cert`, `key` and `folder`; returns positions and messages."""
    for name in ("cert", "key", "file"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()

    def found(text: str) -> list[str]:
        try:
            validate(adapt(parse(str(tmp_path / "Caddyfile"), text, {}), grammar))
        except ConfigErrors as several:
            return [str(error).removeprefix(f"{tmp_path}/Caddyfile:") for error in several.errors]
        except ConfigError as error:
            return [str(error).removeprefix(f"{tmp_path}/Caddyfile:")]
        return []

    return found


GOOD = {
    "nothing": "",
    "port": ":80",
    "http": "http://a.b",
    "host and port": "localhost:8080",
    "path": "http://a.b/x",
    "https with files": "https://a.b {\ntls cert key\n}",
    "host with files": "a.b {\ntls cert key\n}",
    "port of HTTPS with files": ":443 {\ntls cert key\n}",
    "plain and encrypted": "http://a.b, https://a.b {\ntls cert key\n}",
    "plain by port and encrypted": ":80, :443 {\ntls cert key\n}",
    "hosts on one port": "http://a.b {\n}\nhttp://c.d {\n}",
    "paths on one host": "http://a.b/x {\n}\nhttp://a.b/y {\n}",
    "one port on several interfaces": ":80 {\nbind 10.0.0.1\n}\n:80 {\nbind 10.0.0.2\n}",
    "port that the system chooses": ":0 {\n}\n:0 {\n}",
    "other ports": "{\nhttp_port 443\nhttps_port 80\n}\n:443",
    "admin on another interface": "{\nadmin 10.0.0.1:80\n}\n:80 {\nbind 10.0.0.2\n}",
    "admin off": "{\nadmin off\n}\n:2019",
    "files and folders": ":80\nserve file folder",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_good_configuration_is_accepted(errors: Any, text: str) -> None:
    assert errors(text) == []


WRONG = {
    "host alone": ("localhost", "1:1: 'localhost' is served over HTTPS but has no certificate"),
    "https": ("https://a.b", "1:1: 'https://a.b' is served over HTTPS but has no certificate"),
    "port of HTTPS": (":443", "1:1: ':443' is served over HTTPS but has no certificate"),
    "path alone": ("/x", "1:1: '/x' is served over HTTPS but has no certificate"),
    "http on the port of HTTPS": ("http://:443", "1:1: 'http://:443' is HTTP but has the port of HTTPS"),
    "https on the port of HTTP": (
        "https://:80 {\ntls cert key\n}",
        "1:1: 'https://:80' is HTTPS but has the port of HTTP",
    ),
    "tls on plain HTTP": (
        "http://a {\ntls cert key\n}",
        "1:1: 'http://a' has 'tls' but is served over plain",
    ),
    "address twice": (":80 {\n}\n:80 {\n}", "3:1: address ':80' is given twice, first at line 1"),
    "address twice in one site": (":80, :80 {\n}", "1:6: address ':80' is given twice, first at line 1"),
    "address twice in two forms": (":80 {\n}\nhttp:// {\n}", "3:1: address 'http://' is given twice"),
    "host twice in other case": ("http://a {\n}\nhttp://A {\n}", "3:1: address 'http://A' is given twice"),
    "HTTP and HTTPS on one port": (
        "a:8443 {\ntls cert key\n}\nb:8443 {\n}",
        "4:1: 'b:8443' is HTTP on port 8443, where 'a:8443' is HTTPS (at line 1)",
    ),
    "admin port": (":2019", "1:1: ':2019' is on the port of the admin listener, 127.0.0.1:2019"),
    "missing file": (":80\nserve none", "2:7: 'none': no such file"),
    "missing folder": (":80\nserve file none", "2:12: 'none': no such folder"),
    "folder for a file": (":80\nserve folder", "2:7: 'folder': is not a file"),
    "file for a folder": (":80\nserve file file", "2:12: 'file': is not a folder"),
    "empty path": (':80\nserve ""', "2:7: '': the path is empty, expected a file"),
    "missing certificate": ("a {\ntls none key\n}", "2:5: 'none': no such file"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_wrong_configuration_is_one_error_at_its_place(errors: Any, text: str, message: str) -> None:
    found = errors(text)
    assert len(found) == 1
    assert found[0].startswith(message)


def test_all_errors_are_reported_in_the_order_of_the_file(errors: Any) -> None:
    found = errors("a {\nserve none\n}\n:80, :80 {\nserve none\n}\n:443 {\n}")
    assert [each.split(": ")[0] for each in found] == ["1:1", "2:7", "4:6", "5:7", "7:1"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_unreadable_file_is_an_error(errors: Any, tmp_path: Path) -> None:
    (tmp_path / "key").chmod(0)
    assert errors("a {\ntls cert key\n}") == ["2:10: 'key': is not readable"]


@pytest.mark.parametrize(("name", "verb"), [("none", "create"), ("", "look at")])
def test_hint_is_to_create_only_what_is_missing(tmp_path: Path, grammar: Any, name: str, verb: str) -> None:
    path = tmp_path / name
    with pytest.raises(ConfigError) as caught:
        validate(adapt(parse(str(tmp_path / "Caddyfile"), f":80\nserve {path}"), grammar))
    assert caught.value.hint == f"{verb} '{path}', or correct the path"


def test_hint_says_how_to_serve_without_certificate(tmp_path: Path, grammar: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        validate(adapt(parse(str(tmp_path / "Caddyfile"), "[::1]/x"), grammar))
    expected = "add 'tls <certificate> <key>', or write 'http://[::1]/x' for plain HTTP"
    assert caught.value.hint == expected


def test_report_of_many_errors_is_bounded(tmp_path: Path, grammar: Any) -> None:
    text = ":80 {\n" + "serve none\n" * 1000 + "}"
    with pytest.raises(ConfigErrors) as caught:
        validate(adapt(parse(str(tmp_path / "Caddyfile"), text), grammar))
    report = caught.value.render()
    assert report.count("no such file") == SHOWN_ERRORS
    assert report.endswith("1000 errors, 980 of them not shown")


def test_errors_survive_pickling(tmp_path: Path, grammar: Any) -> None:
    with pytest.raises(ConfigErrors) as caught:
        validate(adapt(parse(str(tmp_path / "Caddyfile"), "a, b"), grammar))
    assert pickle.loads(pickle.dumps(caught.value)).render() == caught.value.render()
