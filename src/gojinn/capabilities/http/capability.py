"""The capability `http`: its import, and how to open it. What serves it is loaded as it is opened."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from gojinn.capabilities.capability import Capability, Import, Served, Services


def open_http(services: Services) -> AbstractAsyncContextManager[Served]:
    """Serves requests to other servers, for as long as the worker lives."""
    from gojinn.capabilities.http.host import opened

    return opened(services)


CAPABILITY = Capability("http", imports=(Import("host_http_get", ("i32",) * 4, "i64"),), open=open_http)
