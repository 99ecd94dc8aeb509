"""HTTP: the server's protocol, routing, directives and their handlers. Runs no guest itself."""
