"""The public test kit: guests to run, for tests of Gojinn and of what builds on it. Not for production."""
