"""C#: what its image is made of, how sources are compiled, the language."""
