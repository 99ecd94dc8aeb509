from collections.abc import Iterator

import pytest

from gojinn.config.model import Address, Config, Options, Site
from gojinn.edge.listeners import listeners
from gojinn.process.addresses import site_urls, url
from gojinn.process.sockets import Sockets


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    opened = Sockets()
    yield opened
    opened.close()


def urls(sockets: Sockets, *sites: Site, **options: object) -> list[str]:
    config = Config(Options(**options), sites)  # type: ignore[arg-type]
    sockets.keep(sockets.bind(dict.fromkeys(listeners(config), "Caddyfile:1:1")))
    return [each for found in site_urls(config, sockets).values() for each in found]


def port(sockets: Sockets) -> int:
    [entry] = sockets.open.values()
    return entry.address[1]


def test_a_site_without_a_name_is_on_this_machine(sockets: Sockets) -> None:
    assert urls(sockets, Site((Address(port=0),))) == [f"http://localhost:{port(sockets)}"]


def test_a_site_with_a_name_is_reached_by_it(sockets: Sockets) -> None:
    found = urls(sockets, Site((Address(host="a.test", port=0, path="/api*"),)))
    assert found == [f"http://a.test:{port(sockets)}/api"]


def test_a_site_that_is_bound_is_reached_at_that_address(sockets: Sockets) -> None:
    found = urls(sockets, Site((Address(port=0),), bind=("127.0.0.1",)))
    assert found == [f"http://127.0.0.1:{port(sockets)}"]


def test_each_address_of_a_site_has_its_url(sockets: Sockets) -> None:
    found = urls(sockets, Site((Address(host="a.test", port=0), Address(host="b.test", port=0))))
    assert found == [f"http://{host}.test:{port(sockets)}" for host in "ab"]


@pytest.mark.parametrize(
    ("scheme", "host", "port", "expected"),
    [
        ("http", "a.test", 80, "http://a.test"),
        ("https", "a.test", 443, "https://a.test"),
        ("https", "a.test", 80, "https://a.test:80"),
        ("http", "::1", 8080, "http://[::1]:8080"),
        ("http", "::1", 80, "http://[::1]"),
    ],
)
def test_the_usual_port_is_left_out(scheme: str, host: str, port: int, expected: str) -> None:
    assert url(scheme, host, port, "") == expected
