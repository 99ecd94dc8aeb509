"""TLS on real sockets: certificates by name, versions, reload."""

import asyncio
import ssl
from pathlib import Path

import pytest

from gojinn.config.model import Address, Config, Route, Site, Tls
from gojinn.edge.limits import Limits
from gojinn.edge.message import Request, Response
from gojinn.edge.tls import load_certificates
from gojinn.errors import ConfigError
from gojinn.testing.edge import CallConfig, Client, Serve, Server, until

FOLDER = Path(__file__).parent / "certificates"


async def show(request: Request) -> Response:
    """Answers with what was negotiated."""
    session = request.connection.tls
    assert session is not None
    return Response(200, request.answer, f"{request.scheme} {session.version} {session.server_name}".encode())


def site(name: str, certificate: str) -> Site:
    """Makes a site with a certificate."""
    pair = Tls(str(FOLDER / f"{certificate}.pem"), str(FOLDER / f"{certificate}.key"))
    return Site((Address("", name, 443),), (Route("call", CallConfig(show)),), tls=pair)


BOTH = Config(sites=(site("one.test", "one"), site("*.two.test", "two")))


async def connect(server: Server, name: str, **options: object) -> Client:
    """Connects with TLS, whatever the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for option, value in options.items():
        setattr(context, option, value)
    return await server.connect(ssl=context, server_hostname=name)


def certificate_of(client: Client) -> bytes:
    """Returns the certificate that the server showed."""
    encryption = client.writer.get_extra_info("ssl_object")
    shown = encryption.getpeercert(binary_form=True)
    assert isinstance(shown, bytes)
    return shown


def certificate(name: str) -> bytes:
    """Reads one of the certificates."""
    return ssl.PEM_cert_to_DER_cert((FOLDER / f"{name}.pem").read_text())


@pytest.mark.parametrize(
    ("name", "shown"),
    [("one.test", "one"), ("ONE.test", "one"), ("x.two.test", "two"), ("x.y.two.test", "one"), ("z", "one")],
)
async def test_name_that_is_asked_for_chooses_the_certificate(serve: Serve, name: str, shown: str) -> None:
    client = await connect(await serve(BOTH), name)
    assert certificate_of(client) == certificate(shown)


async def test_request_knows_what_was_negotiated(serve: Serve) -> None:
    client = await connect(await serve(BOTH), "x.two.test")
    assert (await client.get(host="x.two.test")).body == b"https tls1.3 x.two.test"


async def test_many_requests_share_an_encrypted_connection(serve: Serve) -> None:
    client = await connect(await serve(BOTH), "one.test")
    assert {(await client.get(host="one.test")).status for _ in range(10)} == {200}
    assert (await client.get(host="one.test", Connection="close")).status == 200
    assert await client.ended() == b""


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_versions_are_refused(serve: Serve) -> None:
    server = await serve(BOTH)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await connect(
            server, "one.test", minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1
        )


async def test_version_12_is_accepted(serve: Serve) -> None:
    client = await connect(await serve(BOTH), "one.test", maximum_version=ssl.TLSVersion.TLSv1_2)
    assert b"tls1.2" in (await client.get(host="one.test")).body


async def test_swap_changes_certificates_of_new_connections(serve: Serve) -> None:
    server = await serve(Config(sites=(site("one.test", "one"),)))
    before = await connect(server, "one.test")
    await server.configure(Config(sites=(site("one.test", "two"),)))
    after = await connect(server, "one.test")
    assert (certificate_of(before), certificate_of(after)) == (certificate("one"), certificate("two"))
    assert (await before.get(host="one.test")).status == 200


async def test_what_is_no_handshake_does_not_disturb(serve: Serve) -> None:
    server = await serve(BOTH)
    plain = await server.connect()
    await plain.send(b"GET / HTTP/1.1\r\nHost: one.test\r\n\r\n")
    await plain.ended()
    assert (await (await connect(server, "one.test")).get(host="one.test")).status == 200


@pytest.mark.parametrize(
    ("certificate", "key"),
    [
        ("one.pem", "two.key"),
        ("one.key", "one.key"),
        ("one.pem", "locked.key"),
        ("gone.pem", "one.key"),
        ("", ""),
    ],
    ids=["wrong key", "no certificate", "locked key", "no file", "a folder"],
)
def test_unusable_files_are_a_config_error(certificate: str, key: str) -> None:
    broken = Site((Address("", "a", 443),), tls=Tls(str(FOLDER / certificate), str(FOLDER / key)))
    with pytest.raises(ConfigError, match="cannot use certificate"):
        load_certificates(Config(sites=(broken,)))


async def test_drain_does_not_wait_for_a_handshake_that_never_begins(serve: Serve) -> None:
    server = await serve(BOTH, Limits(fresh_time=0.02))
    client = await server.connect()
    await until(lambda: any(acceptor.starting for acceptor in server.edge.acceptors))
    async with asyncio.timeout(5):
        await server.edge.drain(60)
    assert await client.ended() == b""


async def test_handshake_under_way_is_finished_by_a_drain(serve: Serve) -> None:
    server = await serve(BOTH)
    plain = await server.connect()
    await until(lambda: any(acceptor.starting for acceptor in server.edge.acceptors))
    draining = asyncio.create_task(server.edge.drain(60))
    await until(lambda: server.edge.draining)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    await plain.writer.start_tls(context, server_hostname="one.test")
    assert (await plain.get(host="one.test")).headers["connection"] == "close"
    await draining


async def test_drain_does_not_wait_for_a_client_that_does_not_agree_to_the_end(serve: Serve) -> None:
    server = await serve(BOTH, Limits(linger_time=0.05))
    client = await connect(server, "one.test")
    await client.get(host="one.test")
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    async with asyncio.timeout(5):
        await server.edge.drain(60)


async def test_handshake_that_takes_too_long_is_ended(serve: Serve) -> None:
    server = await serve(BOTH, Limits(handshake_time=0.05))
    client = await server.connect()
    assert await client.ended() == b""
