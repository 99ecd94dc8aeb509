"""Documents as typed configuration: options, sites, routes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gojinn.config.adapt import Adapted
from gojinn.config.model import Address, Config, Log, Options, Tls
from gojinn.config.node import NodeOptions
from gojinn.config.settings import Order
from gojinn.config.units import PRIVATE_RANGES
from gojinn.errors import ConfigError, Place

Adapt = Callable[[str], Adapted]


def test_empty_file_is_an_empty_configuration(adapted: Adapt) -> None:
    assert adapted("").config == Config(files=("/site/Caddyfile",))


OPTIONS = {
    "admin off": ("admin off", {"admin": "off"}),
    "admin port is on the loopback interface": ("admin :2020", {"admin": "127.0.0.1:2020"}),
    "admin address": ("admin [::1]:2020", {"admin": "[::1]:2020"}),
    "ports": ("http_port 8080\nhttps_port 8443", {"http_port": 8080, "https_port": 8443}),
    "default_bind": ("default_bind 10.0.0.1 [::1]", {"default_bind": ("10.0.0.1", "::1")}),
    "grace_period": ("grace_period 1m", {"grace_period": 60.0}),
    "order": ("order set last", {"order": (Order("set", "last"),)}),
    "debug": ("debug", {"debug": True}),
    "log": ("log {\noutput file x.log\nlevel debug\n}", {"log": Log("/site/x.log", level="DEBUG")}),
    "log alone": ("log", {"log": Log()}),
    "auto_https": ("auto_https disable_redirects", {"auto_https": "disable_redirects"}),
    "trusted_proxies": (
        "servers {\ntrusted_proxies static 1.2.3.4 private_ranges 10.0.0.0/8\n}",
        {"trusted_proxies": ("1.2.3.4/32", *PRIVATE_RANGES)},
    ),
    "gojinn": (
        "gojinn {\ndata_dir d\ncache_dir /c\nmax_sandboxes 7\n}",
        {"node": NodeOptions(data_dir="/site/d"), "cache_dir": "/c", "max_sandboxes": 7},
    ),
}


@pytest.mark.parametrize(("lines", "expected"), OPTIONS.values(), ids=OPTIONS)
def test_global_options_are_read(adapted: Adapt, lines: str, expected: dict[str, object]) -> None:
    assert adapted(f"{{\n{lines}\n}}").config.options == Options(**expected)  # type: ignore[arg-type]


WRONG_OPTIONS = {
    "unknown": ("htp_port 80", "unknown global option 'htp_port'"),
    "for automatic certificates": ("email a@b.c", "'email' is for automatic certificates"),
    "admin": ("admin localhost", "expected 'off' or an address such as 'localhost:2019'"),
    "admin socket": ("admin unix//run/x", "expected 'off' or an address"),
    "port": ("http_port http", "expected a port from 0 to 65535"),
    "duration": ("grace_period 5", "expected a duration such as"),
    "log level": ("log {\nlevel loud\n}", "expected 'DEBUG', 'INFO', 'WARN' or 'ERROR'"),
    "log format": ("log {\nformat xml\n}", "expected 'json' or 'console'"),
    "log output": ("log {\noutput net x\n}", "expected stdout, stderr, discard or file <path>"),
    "log file without path": ("log {\noutput file\n}", "expected stdout, stderr, discard or file <path>"),
    "proxies": ("servers {\ntrusted_proxies 10.0.0.0/8\n}", "expected static <range>…"),
    "range": ("servers {\ntrusted_proxies static 10.0.0.0/99\n}", "expected an address range such as"),
    "unknown in servers": ("servers {\nprotocols h1\n}", "unknown subdirective 'protocols' in 'servers'"),
    "given twice": ("debug\ndebug", "'debug' is given twice"),
    "same ports": ("http_port 8443\nhttps_port 8443", "HTTP and HTTPS have the same port, 8443"),
    "port of the other by default": ("http_port 443", "HTTP and HTTPS have the same port, 443"),
}


@pytest.mark.parametrize(("lines", "message"), WRONG_OPTIONS.values(), ids=WRONG_OPTIONS)
def test_wrong_option_is_an_error(adapted: Adapt, lines: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        adapted(f"{{\n{lines}\n}}")
    assert message in caught.value.message


def test_site_says_where_it_answers(adapted: Adapt) -> None:
    text = "https://a.b, :8443 {\nbind 10.0.0.1 ::1\ntls c.pem k.pem\nlog {\noutput stdout\n}\nlog\n}"
    site = adapted(text).config.sites[0]
    assert site.addresses == (Address("https", "a.b"), Address(port=8443))
    assert site.bind == ("10.0.0.1", "::1")
    assert site.tls == Tls("/site/c.pem", "/site/k.pem")
    assert site.logs == (Log("stdout"), Log())
    assert site.place == Place("/site/Caddyfile", 1, 1)


WRONG_SITES = {
    "unknown": ("answr a", "unknown directive 'answr'"),
    "of Caddy": ("php_fastcgi x", "Gojinn does not have Caddy's directive 'php_fastcgi'"),
    "address inside": ("b.example {\n}", "unknown directive 'b.example', which looks like a site's address"),
    "site directive inside of a route": ("group {\nbind ::1\n}", "'bind' is not a route"),
    "tls internal": ("tls internal", "'tls internal' needs automatic certificates"),
    "tls without files": ("tls", "wrong arguments for 'tls'"),
    "tls twice": ("tls a b\ntls a b", "'tls' is given twice"),
    "tls with block": ("tls a b {\n}", "'tls' takes no block"),
    "bind to a socket": ("bind unix//run/x", "expected a host name or an IP address"),
    "log with a name": ("log x", "wrong arguments for 'log'"),
    "unknown in log": ("log {\nroll_size 1\n}", "unknown subdirective 'roll_size' in 'log'"),
}


@pytest.mark.parametrize(("lines", "message"), WRONG_SITES.values(), ids=WRONG_SITES)
def test_wrong_site_is_an_error(adapted: Adapt, lines: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        adapted(f":80 {{\n{lines}\n}}")
    assert message in caught.value.message


def test_address_that_is_bound_twice_counts_once(adapted: Adapt) -> None:
    assert adapted(":80 {\nbind ::1 10.0.0.1\nbind ::1\n}").config.sites[0].bind == ("::1", "10.0.0.1")


def test_route_knows_where_it_is_written(adapted: Adapt) -> None:
    assert adapted(":80 {\n\tanswer a\n}").config.sites[0].routes[0].place == Place("/site/Caddyfile", 2, 2)


def test_what_must_exist_is_noted(adapted: Adapt) -> None:
    needs = adapted(":80\nserve x.txt ../y").needs
    assert [(need.word.text, need.path, need.kind) for need in needs] == [
        ("x.txt", "/site/x.txt", "file"),
        ("../y", "/y", "folder"),
    ]


def test_routes_as_deep_as_blocks_may_be_are_read(adapted: Adapt) -> None:
    route = adapted(":80 {\n" + "group {\n" * 49 + "}\n" * 50).config.sites[0].routes[0]
    assert route.directive == "group"
