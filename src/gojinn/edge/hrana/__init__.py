"""The edge of `gojinn.libsql`: its HTTP requests and its WebSockets. Runs no SQL."""
