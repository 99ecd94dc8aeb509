"""Makes a process log as its configuration says. How lines are written is `observe.log`'s."""

from __future__ import annotations

from gojinn.config.model import Log, Options
from gojinn.observe.log import Format, configure


def set_up_log(options: Options, **fields: object) -> None:
    """Configures the server's own log; `fields` stand in every line.

    Without a `log` option it is for people on a terminal and for machines elsewhere.
    """
    given = options.log
    level = "DEBUG" if options.debug else given.level
    form: Format = "auto" if given == Log() else "console" if given.format == "console" else "json"
    configure(form, level, given.output, **fields)
