"""`python -m gojinn` is `gojinn`. The commands live in `cli`."""

from gojinn.cli.main import main

if __name__ == "__main__":
    main()
