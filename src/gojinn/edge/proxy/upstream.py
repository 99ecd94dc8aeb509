"""One upstream and how it is doing. Who asks it what is `proxy`'s business."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gojinn.config.units import BadValue
from gojinn.edge.message import Request
from gojinn.edge.placeholders import Template
from gojinn.edge.proxy.addresses import Address, Target, parse_address
from gojinn.edge.proxy.errors import DialError


@dataclass(frozen=True, slots=True)
class Tolerance:
    """From when on an upstream counts as down or busy, as passive health checks say it."""

    fail_duration: float = 0.0
    """Seconds for which a failure is remembered; 0 means that none is."""
    max_fails: int = 1
    """Failures remembered at once that make it count as down."""
    max_requests: int = 0
    """Requests at once that make it count as busy; 0 means any number."""


class Upstream:
    """An upstream of one `reverse_proxy` in one worker."""

    def __init__(self, target: Target, tolerance: Tolerance) -> None:
        self.dial = target.dial
        """As configured; what hashing policies tell upstreams apart by."""
        self.tolerance = tolerance
        self.requests = 0
        """Requests that it is answering."""
        self.fails = 0
        """Failures that are remembered."""
        self.healthy = True
        """What the last active health check found."""
        self._template = Template(target.dial)
        self._address = None if target.dynamic else parse_address(target.dial)

    @property
    def available(self) -> bool:
        """Whether it may be given another request."""
        tolerance = self.tolerance
        if not self.healthy or (tolerance.fail_duration and self.fails >= tolerance.max_fails):
            return False
        return not tolerance.max_requests or self.requests < tolerance.max_requests

    def address(self, request: Request | None = None) -> Address:
        """Returns its address for a request. Raises DialError when placeholders make up none."""
        if self._address is not None:
            return self._address
        text = self._template.render(request) if request is not None else self.dial
        try:
            return parse_address(text)
        except BadValue as error:
            raise DialError(f"the upstream '{self.dial}': {error}") from error

    def count_failure(self) -> None:
        """Remembers a failure for a while."""
        if self.tolerance.fail_duration:
            self.fails += 1
            asyncio.get_running_loop().call_later(self.tolerance.fail_duration, self._forget)

    def _forget(self) -> None:
        self.fails -= 1
