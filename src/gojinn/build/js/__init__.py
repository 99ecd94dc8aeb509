"""JavaScript and TypeScript: sources, bundling, the module made of them. The runtime itself is not here."""
