"""Functions: what a route binds, how it is invoked, what came of it. Knows neither HTTP nor wasmtime."""
