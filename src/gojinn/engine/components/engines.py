"""Opens engines for components, in the implementation that modules have, too."""

from __future__ import annotations

from gojinn.engine.components.link import ComponentCore
from gojinn.engine.core import chosen
from gojinn.engine.settings import EngineSettings


def open_components(settings: EngineSettings, *, metered: bool) -> ComponentCore:
    """An engine in the implementation that the settings ask for, or the best there is."""
    if chosen(settings) == "core":
        from gojinn.engine.components.native import NativeComponents

        return NativeComponents(settings, metered=metered)
    from gojinn.engine.components.core import PureComponents

    return PureComponents(settings, metered=metered)
