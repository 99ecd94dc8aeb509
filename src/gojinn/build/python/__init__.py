"""Python: the files of a function, its packages, the module made of them. The runtime itself is not here."""
