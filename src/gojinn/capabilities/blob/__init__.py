"""Objects by key, in a bucket of S3 or in the data directory. Files that guests open are mounts."""
