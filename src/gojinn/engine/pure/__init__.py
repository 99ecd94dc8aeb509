"""Guests run through ctypes alone: the implementation of `sandbox.ModuleCore` for machines without the native
library.

It behaves as `native/` does, at three times its cost; one suite tests both.
"""

from gojinn.engine.pure.core import PureCore

__all__ = ["PureCore"]
