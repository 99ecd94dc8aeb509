"""The commands, one file each, exporting `command`. They are listed in `main.PANELS` and imported when they run."""
