"""Makes all functions of a configuration ready to be bound, or says which cannot be. Runs none of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from gojinn.engine.cache import CompileCache, Compiled, Progress
from gojinn.errors import ConfigError, ConfigErrors, ModuleError
from gojinn.functions.check import check
from gojinn.functions.config import FunctionConfig, resolve


async def prepare(
    functions: Iterable[FunctionConfig],
    cache: CompileCache,
    *,
    environ: Mapping[str, str] = os.environ,
    progress: Progress | None = None,
) -> dict[str, str]:
    """Compiles every module into the cache and checks that it can serve its function.

    Returns the digest of each module's content by its path: what tells one build of it from the next. Raises
    ConfigError, placed at the directive; ConfigErrors when several functions are at fault.
    """
    configs = [resolve(config, environ) for config in functions]
    plain = {config.module for config in configs if config.fuel_limit is None}
    metered = {config.module for config in configs if config.fuel_limit is not None}
    compiled = {
        False: await cache.compile_each(sorted(plain), progress=progress),
        True: await cache.compile_each(sorted(metered), metered=metered, progress=progress),
    }
    errors = [
        error
        for config in configs
        if (error := verdict(config, compiled[config.fuel_limit is not None][config.module])) is not None
    ]
    if errors:
        raise errors[0] if len(errors) == 1 else ConfigErrors(errors)
    found = [*compiled[False].values(), *compiled[True].values()]
    return {each.source: each.sha256 for each in found if isinstance(each, Compiled)}


def verdict(config: FunctionConfig, compiled: Compiled | ModuleError) -> ConfigError | None:
    """What is wrong with a function, if anything is."""
    if isinstance(compiled, ModuleError):
        return placed(config, compiled)
    try:
        check(config, compiled.info)
    except ModuleError as error:
        return error
    return None


def placed(config: FunctionConfig, error: ModuleError) -> ModuleError:
    """The same error, pointing at the directive that names the module."""
    if config.origin is None:
        return error
    origin = config.origin
    again = ModuleError(error.message, place=origin.place, source=origin.source, hint=error.hint)
    again.__cause__ = error
    return again
