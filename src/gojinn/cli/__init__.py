"""The `gojinn` command: arguments in, text and exit codes out. What the commands do lives in the packages below."""
