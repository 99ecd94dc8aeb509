"""The `gojinn` command: arguments in, text and exit codes out. The work is done in the packages below."""
