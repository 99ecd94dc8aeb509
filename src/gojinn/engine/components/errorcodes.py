"""The `error-code` of `wasi:http/types`: its cases and what they carry."""

from __future__ import annotations

from typing import Any, Final

from gojinn.engine.components.opened import OpenedError
from gojinn.engine.components.values import U8, U16, U32, U64, Case, option, record, scalar, string, variant
from gojinn.engine.outgoing import OutgoingError

number, size, text = option(scalar(U64)), option(scalar(U32)), option(string)
field = record(**{"field-name": text, "field-size": size})

CARRYING: Final = {
    "DNS-error": record(**{"rcode": text, "info-code": option(scalar(U16))}),
    "TLS-alert-received": record(**{"alert-id": option(scalar(U8)), "alert-message": text}),
    "HTTP-request-body-size": number,
    "HTTP-request-header-section-size": size,
    "HTTP-request-header-size": option(field),
    "HTTP-request-trailer-section-size": size,
    "HTTP-request-trailer-size": field,
    "HTTP-response-header-section-size": size,
    "HTTP-response-header-size": field,
    "HTTP-response-body-size": number,
    "HTTP-response-trailer-section-size": size,
    "HTTP-response-trailer-size": field,
    "HTTP-response-transfer-coding": text,
    "HTTP-response-content-coding": text,
    "internal-error": text,
}
PAIRS: Final = frozenset(
    ("DNS-error", "TLS-alert-received", *(name for name, each in CARRYING.items() if each is field))
)
"""Those that carry a record of two, which say nothing here."""
PLAIN: Final = frozenset(
    (
        "DNS-timeout",
        "destination-not-found",
        "destination-unavailable",
        "destination-IP-prohibited",
        "destination-IP-unroutable",
        "connection-refused",
        "connection-terminated",
        "connection-timeout",
        "connection-read-timeout",
        "connection-write-timeout",
        "connection-limit-reached",
        "TLS-protocol-error",
        "TLS-certificate-error",
        "HTTP-request-denied",
        "HTTP-request-length-required",
        "HTTP-request-method-invalid",
        "HTTP-request-URI-invalid",
        "HTTP-request-URI-too-long",
        "HTTP-response-incomplete",
        "HTTP-response-timeout",
        "HTTP-upgrade-failed",
        "HTTP-protocol-error",
        "loop-detected",
        "configuration-error",
    )
)

error_code = variant(**CARRYING)


def case_of(error: OutgoingError) -> Case:
    """What a guest is told of an error."""
    name = error.case if error.case in CARRYING or error.case in PLAIN else "internal-error"
    carried: Any = None
    if name == "internal-error":
        carried = str(error)
    elif name in PAIRS:
        carried = (None, None)
    return Case(name, carried)


class BodyError(OpenedError):
    """Why a stream over a body failed."""

    __slots__ = ("case",)

    def __init__(self, error: OutgoingError) -> None:
        super().__init__(str(error))
        self.case = case_of(error)
