"""Which site answers: hosts, wildcards, paths, listeners. Checked against Caddy 2.6."""

import pytest

from gojinn.app import GRAMMAR
from gojinn.config.model import Address, Config, Site
from gojinn.edge.listeners import ListenerKey
from gojinn.edge.message import Response
from gojinn.edge.site import SiteRouter
from gojinn.observe.metrics import Metrics
from gojinn.observe.sink import Sinks
from gojinn.testing.edge import Serve, Server, make_request, written

SITES = """
{
	http_port 8080
}
:8080 {
	respond any
}
:8080/only {
	respond never
}
*.com:8080 {
	respond wild
}
*.b.com:8080 {
	respond narrower
}
a.com:8080, http://c.com:8080 {
	respond a
}
a.com:8080/x/* {
	respond path
}
http://d.com {
	respond default
}
a.com:9090 {
	respond other
}
"""


def make_router(text: str) -> SiteRouter:
    """Builds a configuration."""
    return SiteRouter(written(text), GRAMMAR, {Metrics: Metrics(), Sinks: Sinks()})


async def ask(router: SiteRouter, host: str, target: str = "/", port: int = 8080) -> bytes:
    """Asks on a listener."""
    response = await router(make_request(target, host=host, listener=ListenerKey("", port, False)))
    assert isinstance(response, Response)
    assert isinstance(response.body, bytes)
    return response.body


@pytest.mark.parametrize(
    ("host", "target", "answered"),
    [
        ("a.com", "/", b"a"),
        ("A.COM:8080", "/", b"a"),
        ("a.com:1", "/", b"a"),
        ("a.com", "/x/y", b"path"),
        ("a.com", "/x", b"a"),
        ("c.com", "/x/y", b"a"),
        ("d.com", "/", b"default"),
        ("z.com", "/", b"wild"),
        ("z.b.com", "/", b"narrower"),
        ("x.z.com", "/", b"any"),
        ("", "/", b"any"),
        ("[::1]", "/only", b"any"),
    ],
)
async def test_most_specific_site_answers(host: str, target: str, answered: bytes) -> None:
    assert await ask(make_router(SITES), host, target) == answered


async def test_listeners_have_sites_of_their_own() -> None:
    router = make_router(SITES)
    assert await ask(router, "a.com", port=9090) == b"other"
    assert await ask(router, "b.com", port=9090) == b""
    assert await ask(router, "a.com", port=1) == b""


async def test_request_that_no_site_is_for_gets_an_empty_200(serve: Serve) -> None:
    server = await serve("http://a.com {\nrespond a\n}\n")
    reply = await (await server.connect()).get(host="b.com")
    assert (reply.status, reply.body, reply.headers["server"]) == (200, b"", "Gojinn")


@pytest.mark.slow
async def test_one_of_ten_thousand_hosts_is_found() -> None:
    sites = tuple(Site((Address("http", f"host-{n}.com", 8080),)) for n in range(10_000))
    router = SiteRouter(Config(sites=sites), GRAMMAR, {Metrics: Metrics(), Sinks: Sinks()})
    request = make_request(host="host-9999.com", listener=ListenerKey("", 8080, False))
    await router(request)
    assert request.site.name == "http://host-9999.com:8080"


async def test_figures_of_a_site_outlive_a_reload(serve: Serve) -> None:
    server: Server = await serve("http://a.com {\nrespond a\n}\n")
    client = await server.connect()
    await client.get(host="a.com")
    await server.configure(written("http://a.com {\nrespond b 404\n}\n"))
    await client.get(host="a.com")
    await client.get(host="b.com")
    figures = server.metrics.site("http://a.com")
    assert (figures.statuses[2], figures.statuses[4], figures.bytes) == (1, 1, 2)
