"""The typed configuration: frozen dataclasses adapted from a parsed Caddyfile. Opens and starts nothing."""
