"""A server of the libSQL protocol (Hrana) over SQLite files. Knows no HTTP server: the edge calls it."""
