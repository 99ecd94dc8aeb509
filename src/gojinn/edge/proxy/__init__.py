"""Handing requests on to other HTTP servers: choosing one, connections, headers, health. No directive."""
