"""Compiles functions to WebAssembly: the manifest, the compilers, one file a language. Serves nothing."""
