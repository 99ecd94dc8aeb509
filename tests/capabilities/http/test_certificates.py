"""Tests of certificates: they are verified, and an authority of one's own can be trusted."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest
from aiohttp import web
from tests.capabilities.http.conftest import Asking, serving

pytestmark = pytest.mark.slow


def openssl(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], check=True, capture_output=True, cwd=folder)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, `ca.pem`, and a certificate of it for `localhost`, `server.pem`."""
    folder = tmp_path_factory.mktemp("ca")
    key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    openssl(folder, f"req -x509 {key} -days 2 -subj /CN=Test -keyout ca.key -out ca.pem")
    openssl(folder, f"req {key} -subj /CN=localhost -keyout server.key -out server.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    signing = "-CA ca.pem -CAkey ca.key -days 2 -extfile names"
    openssl(folder, f"x509 -req -in server.csr {signing} -out server.crt")
    (folder / "server.pem").write_text(
        (folder / "server.key").read_text() + (folder / "server.crt").read_text()
    )
    return folder


@pytest.fixture
def context(authority: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem")
    return context


async def hello(request: web.BaseRequest) -> web.Response:
    return web.Response(text="hello")


async def test_an_unknown_authority_is_not_trusted(asking: Asking, context: ssl.SSLContext) -> None:
    async with serving(hello, ssl_context=context) as url:
        error = (await asking.fetch(url.replace("127.0.0.1", "localhost"), "localhost"))["error"]
    assert error["code"] == "unavailable"
    assert "is not trusted: " in error["message"]
    assert "SSL_CERT_FILE" in error["message"]


async def test_an_authority_is_trusted_by_the_environment(
    asking: Asking, authority: Path, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    async with serving(hello, ssl_context=context) as url:
        named = url.replace("127.0.0.1", "localhost")
        assert (await asking.fetch(named, "localhost"))["body"] == "hello"
        error = (await asking.fetch(url, "127.0.0.1"))["error"]
    assert "IP address mismatch" in error["message"]


async def test_a_server_without_tls_is_told_from_one(asking: Asking) -> None:
    async with serving(hello) as url:
        error = (await asking.fetch(url.replace("http:", "https:")))["error"]
    assert error["code"] == "unavailable"
    assert "does not speak TLS" in error["message"]
