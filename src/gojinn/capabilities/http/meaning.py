"""What the client library's errors mean to a guest, in words of ours. Loaded with it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import aiohttp

from gojinn.capabilities.http.failure import Failure
from gojinn.capabilities.http.urls import Url

UNAVAILABLE = "unavailable"
NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
HINT = "trust its authority by the server's environment variable SSL_CERT_FILE"


def meaning(error: BaseException, url: Url) -> Failure:
    """Makes the failure for what the library raised while a request was sent, or its answer read."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return certificate(error, url)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return name(error, url)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Failure("timeout", f"{url.origin} does not take connections in time", "connection-timeout")
    if isinstance(error, TimeoutError):
        return Failure("timeout", f"{url.origin} does not answer in time", "connection-read-timeout")
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return Failure(
            UNAVAILABLE, f"{url.origin} does not speak TLS as we do: {said(error)}", "TLS-protocol-error"
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        return connection(error, url)
    if isinstance(error, aiohttp.ClientPayloadError):
        return Failure(
            UNAVAILABLE, f"the answer of {url.origin} is cut or broken", "HTTP-response-incomplete"
        )
    if isinstance(error, aiohttp.ClientResponseError):
        return answer(error, url)
    if isinstance(error, aiohttp.ServerDisconnectedError | OSError):
        ended = f"{url.origin} closed the connection without an answer"
        return Failure(UNAVAILABLE, ended, "connection-terminated")
    return Failure(UNAVAILABLE, f"{url.origin} cannot be asked: {said(error)}", "internal-error")


def certificate(error: aiohttp.ClientConnectorCertificateError, url: Url) -> Failure:
    """For a server that is not who it says, as far as we know."""
    why = getattr(error.certificate_error, "verify_message", "") or "it does not fit"
    message = f"the certificate of {url.origin} is not trusted: {why}; {HINT} where it should be"
    return Failure(UNAVAILABLE, message, "TLS-certificate-error")


def name(error: aiohttp.ClientConnectorDNSError, url: Url) -> Failure:
    """For a name that leads nowhere."""
    number = getattr(error.os_error, "errno", None)
    if number in NO_SUCH_NAME or number is None:
        return Failure(UNAVAILABLE, f"there is no host '{url.host}'", "DNS-error")
    return Failure(UNAVAILABLE, f"the name '{url.host}' cannot be looked up now", "DNS-error")


def connection(error: aiohttp.ClientConnectorError, url: Url) -> Failure:
    """For a server that takes no connection."""
    if isinstance(error.os_error, ConnectionRefusedError):
        return Failure(UNAVAILABLE, f"{url.origin} refuses connections", "connection-refused")
    what = f"there is no way to {url.origin}: {said(error.os_error)}"
    return Failure(UNAVAILABLE, what, "destination-unavailable")


def answer(error: aiohttp.ClientResponseError, url: Url) -> Failure:
    """For a server that answers something else than HTTP, or too much of it."""
    if any(isinstance(each, aiohttp.http_exceptions.LineTooLong) for each in causes(error)):
        message = f"the header of {url.origin}'s answer is too large"
        return Failure(UNAVAILABLE, message, "HTTP-response-header-section-size")
    return Failure(UNAVAILABLE, f"{url.origin} does not answer as HTTP says", "HTTP-protocol-error")


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yields an error and what it came from."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def said(error: BaseException) -> str:
    """What an error of the system says, without numbers and addresses."""
    text = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
    return str(text).lower() or type(error).__name__
