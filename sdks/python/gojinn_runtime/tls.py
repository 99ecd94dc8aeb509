"""Stands for `ssl`: the host speaks TLS and checks certificates. A context says what is wanted, no more.

What the host does not do is refused when a connection is to be wrapped: to leave certificates unchecked, to
trust others than the public authorities, to show one of one's own, to be a server. Versions of TLS and
ciphers are the host's, whatever a context says of them.
"""

from __future__ import annotations

import os
from enum import Enum, IntEnum, IntFlag
from typing import Any, NamedTuple, NoReturn

from gojinn_runtime.sockets import Socket

PUBLIC = 50
"""Certificates in a file from which on it is taken for the public authorities, as the host has them."""


class SSLError(OSError):
    """As Python's; so are those below."""

    library = reason = None


class SSLZeroReturnError(SSLError): ...


class SSLWantReadError(SSLError): ...


class SSLWantWriteError(SSLError): ...


class SSLSyscallError(SSLError): ...


class SSLEOFError(SSLError): ...


class SSLCertVerificationError(SSLError, ValueError):
    verify_code = 0
    verify_message = ""


CertificateError = SSLCertVerificationError
socket_error = OSError


class VerifyMode(IntEnum):
    CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)


class TLSVersion(IntEnum):
    MINIMUM_SUPPORTED, SSLv3, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 = -2, 0x300, 0x301, 0x302, 0x303, 0x304
    MAXIMUM_SUPPORTED = -1


class Purpose(Enum):
    SERVER_AUTH, CLIENT_AUTH = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"


class _SSLMethod(IntEnum):
    PROTOCOL_TLS, PROTOCOL_TLSv1, PROTOCOL_TLSv1_1, PROTOCOL_TLSv1_2 = 2, 3, 4, 5
    PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER = 16, 17


class Options(IntFlag):
    OP_ALL = 0x80000050
    OP_NO_SSLv2 = 0
    OP_NO_SSLv3 = 1 << 25
    OP_NO_TLSv1 = 1 << 26
    OP_NO_TLSv1_1 = 1 << 28
    OP_NO_TLSv1_2 = 1 << 27
    OP_NO_TLSv1_3 = 1 << 29
    OP_NO_COMPRESSION = 1 << 17
    OP_NO_TICKET = 1 << 14
    OP_NO_RENEGOTIATION = 1 << 30
    OP_CIPHER_SERVER_PREFERENCE = 1 << 22
    OP_SINGLE_DH_USE = OP_SINGLE_ECDH_USE = 0
    OP_ENABLE_MIDDLEBOX_COMPAT = 1 << 20
    OP_IGNORE_UNEXPECTED_EOF = 1 << 7
    OP_LEGACY_SERVER_CONNECT = 1 << 2


class VerifyFlags(IntFlag):
    VERIFY_DEFAULT = 0
    VERIFY_CRL_CHECK_LEAF = 4
    VERIFY_CRL_CHECK_CHAIN = 12
    VERIFY_X509_STRICT = 32
    VERIFY_X509_TRUSTED_FIRST = 32768
    VERIFY_X509_PARTIAL_CHAIN = 0x80000


for _kind in (VerifyMode, _SSLMethod, Options, VerifyFlags):
    globals().update(_kind.__members__)

PROTOCOL_SSLv23 = _SSLMethod.PROTOCOL_TLS
OPENSSL_VERSION = "OpenSSL 3 of the host"
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000
HAS_SNI = HAS_TLSv1_2 = HAS_TLSv1_3 = HAS_NEVER_CHECK_COMMON_NAME = True
HAS_ALPN = HAS_NPN = HAS_ECDH = HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = HAS_PSK = False
CHANNEL_BINDING_TYPES: list[str] = []
SOL_SOCKET, SO_TYPE, SOCK_STREAM, AF_INET = 1, 3, 1, 2


class DefaultVerifyPaths(NamedTuple):
    cafile: Any = None
    capath: Any = None
    openssl_cafile_env: str = "SSL_CERT_FILE"
    openssl_cafile: str = ""
    openssl_capath_env: str = "SSL_CERT_DIR"
    openssl_capath: str = ""


class SSLSession:
    """There is none."""


class SSLContext:
    """What a client wants of TLS."""

    def __init__(self, protocol: int = _SSLMethod.PROTOCOL_TLS) -> None:
        is_client = protocol == _SSLMethod.PROTOCOL_TLS_CLIENT
        self.protocol = protocol
        self.verify_mode: int = VerifyMode.CERT_REQUIRED if is_client else VerifyMode.CERT_NONE
        self.check_hostname = is_client
        self.verify_flags: int = VerifyFlags.VERIFY_X509_TRUSTED_FIRST
        self.options: int = Options.OP_ALL
        self.minimum_version: int = TLSVersion.TLSv1_2
        self.maximum_version: int = TLSVersion.MAXIMUM_SUPPORTED
        self.hostname_checks_common_name = False
        self.post_handshake_auth = False
        self.keylog_filename: Any = None
        self.sni_callback: Any = None

    def load_default_certs(self, purpose: Purpose = Purpose.SERVER_AUTH) -> None:
        """Trusts the public authorities, as the host does."""

    set_default_verify_paths = load_default_certs

    def load_verify_locations(self, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        """Takes the public authorities, as packages bring them. Raises SSLError for any others."""
        if cafile is not None:
            with open(cafile, "rb") as file:
                cadata = file.read()
        elif capath is not None:
            cadata = b""
        mark = "BEGIN CERTIFICATE" if isinstance(cadata, str) else b"BEGIN CERTIFICATE"
        if cadata is not None and cadata.count(mark) < PUBLIC:
            of = f" of '{cafile or capath}'" if cafile or capath else ""
            raise SSLError(f"the host trusts the public authorities: take the certificates{of} out")

    def load_cert_chain(self, *arguments: Any, **options: Any) -> NoReturn:
        raise SSLError("the host shows no certificate of a function's: take the client's certificate out")

    def set_ciphers(self, ciphers: str) -> None:
        """They are the host's."""

    set_alpn_protocols = set_npn_protocols = set_ecdh_curve = set_servername_callback = set_ciphers

    def get_ciphers(self) -> list[Any]:
        return []

    def get_ca_certs(self, binary_form: bool = False) -> list[Any]:
        return []

    def cert_store_stats(self) -> dict[str, int]:
        return {"x509": 0, "crl": 0, "x509_ca": 0}

    def wrap_socket(
        self,
        sock: Socket,
        server_side: bool = False,
        *arguments: Any,
        server_hostname: Any = None,
        **options: Any,
    ) -> SSLSocket:
        """A connection whose requests the host sends by TLS."""
        self.allow(sock.connected().host, server_side, server_hostname)
        return SSLSocket(sock, self, server_hostname)

    def wrap_bio(self, *arguments: Any, **options: Any) -> NoReturn:
        raise SSLError("there is no TLS within other streams in a sandbox")

    def allow(self, host: str, server_side: bool = False, name: Any = None) -> None:
        """Raises SSLError for what the host does not do."""
        if server_side:
            raise SSLError("a function cannot listen: it is asked by its triggers")
        if self.verify_mode != VerifyMode.CERT_REQUIRED or not self.check_hostname:
            raise SSLError("the host checks certificates, always: take 'verify=False' or its like out")
        if name is not None and str(name).lower().rstrip(".") != host.lower().rstrip("."):
            raise SSLError(f"the certificate is checked for '{host}', it cannot be for '{name}'")


class SSLSocket(Socket):
    """A connection with TLS."""

    _sslobj = None  # which httpcore looks at

    def __init__(self, plain: Socket, context: SSLContext, name: Any) -> None:
        super().__init__()
        self.timeout = plain.timeout
        self.exchange = plain.exchange
        self.connected().scheme = "https"
        self.context = context
        self.server_hostname = name
        self.server_side = False
        self.session = None

    def do_handshake(self, block: bool = False) -> None:
        """The host does."""

    def version(self) -> str:
        return "TLSv1.3"

    def cipher(self) -> None:
        """The host knows it."""

    def selected_alpn_protocol(self) -> None:
        """None: it is HTTP/1.1."""

    def pending(self) -> int:
        return len(self.received)

    def getpeercert(self, binary_form: bool = False) -> NoReturn:
        raise SSLError("the host keeps the server's certificate to itself, having checked it")

    get_channel_binding = getpeercert

    def unwrap(self) -> NoReturn:
        raise SSLError("a connection with TLS stays one")


class SSLObject:
    """There is none."""


class MemoryBIO:
    """There is none."""


def create_default_context(
    purpose: Purpose = Purpose.SERVER_AUTH, *, cafile: Any = None, capath: Any = None, cadata: Any = None
) -> SSLContext:
    """A context as clients want it."""
    context = SSLContext(
        _SSLMethod.PROTOCOL_TLS_CLIENT if purpose is Purpose.SERVER_AUTH else _SSLMethod.PROTOCOL_TLS_SERVER
    )
    if cafile or capath or cadata:
        context.load_verify_locations(cafile, capath, cadata)
    return context


def _create_unverified_context(*arguments: Any, **options: Any) -> SSLContext:
    return SSLContext(_SSLMethod.PROTOCOL_TLS)


_create_default_https_context = create_default_context
_create_stdlib_context = _create_unverified_context


def get_default_verify_paths() -> DefaultVerifyPaths:
    return DefaultVerifyPaths()


def get_server_certificate(*arguments: Any, **options: Any) -> NoReturn:
    raise SSLError("the host keeps the server's certificate to itself, having checked it")


def RAND_bytes(count: int) -> bytes:
    return os.urandom(count)


def RAND_status() -> bool:
    return True
