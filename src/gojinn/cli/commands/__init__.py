"""The commands, one file each, exporting `command`. Their list is `main.PANELS`; nothing is imported here."""
