"""The only package that touches wasmtime: compiling, caching, sandboxes, WASI, limits, the host-call
bridge."""
