"""Components (WASI 0.2): what they import and export, and how one is run. Core modules are next door."""
