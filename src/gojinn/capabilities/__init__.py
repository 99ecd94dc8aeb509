"""What a guest may ask of its host, one capability a module or folder. Knows no runner and no trigger."""
