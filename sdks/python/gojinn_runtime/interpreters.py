"""Stands for `_interpreters` and `_interpqueues`, which anyio imports and rarely uses."""
