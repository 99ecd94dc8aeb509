"""Makes all functions of a configuration ready to be bound, or says which cannot be. Runs none of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from gojinn.engine.cache import CompileCache, Compiled, Progress
from gojinn.errors import ConfigError, ConfigErrors, ModuleError
from gojinn.functions.check import check
from gojinn.functions.config import FunctionConfig
from gojinn.functions.environment import resolve
from gojinn.functions.modules import Key, Modules, key


async def prepare(
    functions: Iterable[FunctionConfig],
    cache: CompileCache,
    *,
    environ: Mapping[str, str] = os.environ,
    progress: Progress | None = None,
) -> Modules:
    """Compiles every module into the cache and checks that it can serve its function.

    Raises ConfigError, placed at the directive; ConfigErrors when several functions are at fault.
    """
    configs = [resolve(config, environ) for config in functions]
    results: dict[Key, Compiled | ModuleError] = {}
    for metered in (False, True):
        paths = sorted({path for path, each in map(key, configs) if each is metered})
        compiled = await cache.compile_each(paths, metered=paths if metered else (), progress=progress)
        results |= {(path, metered): result for path, result in compiled.items()}
    errors = [error for config in configs if (error := fault_of(config, results[key(config)])) is not None]
    if errors:
        raise errors[0] if len(errors) == 1 else ConfigErrors(errors)
    return Modules({name: result for name, result in results.items() if isinstance(result, Compiled)})


def fault_of(config: FunctionConfig, result: Compiled | ModuleError) -> ConfigError | None:
    """What is wrong with a function, if anything is."""
    if isinstance(result, ModuleError):
        return placed(config, result)
    try:
        check(config, result.info)
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
