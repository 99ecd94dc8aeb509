"""What can go wrong with an upstream. Which status that means is `proxy`'s business."""

from __future__ import annotations


class UpstreamError(Exception):
    """The upstream's answer did not come, or is no HTTP."""


class DialError(UpstreamError):
    """No connection came about, so the upstream has seen nothing of the request."""


class StaleConnection(UpstreamError):
    """A connection kept from before was closed before any of the answer came."""


class UpstreamTimeout(UpstreamError):
    """The upstream took longer than allowed."""
