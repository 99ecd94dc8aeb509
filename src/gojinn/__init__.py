"""Gojinn: self-hosted serverless functions in WebAssembly. The version lives here; nothing else does."""

__version__ = "0.1.0"
