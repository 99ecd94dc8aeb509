"""What is wrong with a configuration as a whole: all of it at once, with positions. Changes nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gojinn.caddyfile.tree import Word
from gojinn.config.adapt import Adapted
from gojinn.config.model import Address, Config, Options, Site
from gojinn.config.node import agreed
from gojinn.config.scope import Need
from gojinn.errors import ConfigError, ConfigErrors

Check = Callable[[Config], Iterable[ConfigError]]


def validate(adapted: Adapted, checks: Iterable[Check] = ()) -> None:
    """Raises ConfigError when something is wrong, ConfigErrors when several things are."""
    errors = [*wrong_addresses(adapted), *clashes(adapted), *missing(adapted), *agreed(adapted.config)[1]]
    errors += [error for check in checks for error in check(adapted.config)]
    errors.sort(key=position)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ConfigErrors(errors)


def position(error: ConfigError) -> tuple[str, int, int]:
    """Returns what reports are sorted by."""
    assert error.place is not None
    return error.place.file, error.place.line, error.place.col


def missing(adapted: Adapted) -> Iterator[ConfigError]:
    """Finds files and folders that do not exist."""
    seen: dict[tuple[str, str], str | None] = {}
    for need in adapted.needs:
        key = (need.path, need.kind)
        if key not in seen:
            seen[key] = trouble(need)
        why = seen[key]
        if why is not None:
            remedy = "create" if why.startswith("no such") else "look at"
            hint = f"{remedy} '{need.path}', or correct the path"
            yield need.word.error(f"'{need.word.text}': {why}", hint=hint)


def trouble(need: Need) -> str | None:
    """Says what is wrong with something that must exist, None when nothing is."""
    if not need.word.text:
        return f"the path is empty, expected a {need.kind}"
    try:
        mode = os.stat(need.path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return f"no such {need.kind}"
    except OSError as error:
        return (error.strerror or str(error)).lower()
    if not (stat.S_ISDIR(mode) if need.kind == "folder" else stat.S_ISREG(mode)):
        return f"is not a {need.kind}"
    return None if os.access(need.path, os.R_OK) else "is not readable"


def wrong_addresses(adapted: Adapted) -> Iterator[ConfigError]:
    """Finds addresses that cannot be served as they are written."""
    for site, keys in zip(adapted.config.sites, adapted.keys, strict=True):
        for address, key in zip(site.addresses, keys, strict=True):
            error = wrong_address(address, key, site, adapted.config.options)
            if error is not None:
                yield error
        if site.tls is not None and all(is_plain(each, adapted.config.options) for each in site.addresses):
            hint = "write 'https://', or remove 'tls'"
            yield keys[0].error(f"'{keys[0].text}' has 'tls' but is served over plain HTTP", hint=hint)


def is_plain(address: Address, options: Options) -> bool:
    """Tells whether an address is served over plain HTTP even in a site with a certificate."""
    return address.scheme == "http" or (address.scheme == "" and address.port == options.http_port)


def wrong_address(address: Address, key: Word, site: Site, options: Options) -> ConfigError | None:
    """Makes the error for an address whose scheme, port and certificate do not fit each other."""
    port = address.port
    if address.scheme == "http" and port == options.https_port:
        return wrong_port(key, "HTTP", "HTTPS")
    if address.scheme == "https" and port == options.http_port:
        return wrong_port(key, "HTTPS", "HTTP")
    secure = address.scheme == "https" or port == options.https_port
    if site.tls is None and (secure or (address.scheme == "" and port is None)):
        return without_certificate(address, key, secure)
    return None


def wrong_port(key: Word, scheme: str, other: str) -> ConfigError:
    """Makes the error for a scheme on the port of the other one."""
    hint = "choose another port, or another scheme"
    return key.error(f"'{key.text}' is {scheme} but has the port of {other}", hint=hint)


def without_certificate(address: Address, key: Word, secure: bool) -> ConfigError:
    """Makes the error for an address that Caddy would get a certificate for."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    message = (
        f"'{key.text}' is served over HTTPS but has no certificate, and Gojinn does not get any by itself"
    )
    plain = f"write 'http://{host}{address.path}' for plain HTTP" if not secure else "choose another port"
    return key.error(message, hint=f"add 'tls <certificate> <key>', or {plain}")


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a listener by one address of a site."""

    bind: str
    port: int
    tls: bool
    address: Address
    key: Word


def uses(adapted: Adapted) -> Iterator[Use]:
    """Lists which listeners each address of each site uses."""
    options = adapted.config.options
    for site, keys in zip(adapted.config.sites, adapted.keys, strict=True):
        for address, key in zip(site.addresses, keys, strict=True):
            tls = address.scheme == "https" or (site.tls is not None and not is_plain(address, options))
            port = address.port
            if port is None:
                port = options.https_port if tls else options.http_port
            for bind in site.bind or options.default_bind or ("",):
                yield Use(bind, port, tls, address, key)


def clashes(adapted: Adapted) -> Iterator[ConfigError]:
    """Finds uses of the same listener that exclude each other; port 0 is another one each time."""
    listeners: dict[tuple[str, int], Use] = {}
    names: dict[tuple[str, int, str, str], Use] = {}
    for use in uses(adapted):
        if use.port == 0:
            continue
        first = listeners.setdefault((use.bind, use.port), use)
        same = names.setdefault((use.bind, use.port, use.address.host, use.address.path), use)
        if first.tls != use.tls:
            yield both_schemes(first, use)
        elif same is not use:
            yield repeated(same, use)
    yield from admin_clash(adapted.config.options, listeners)


def both_schemes(first: Use, use: Use) -> ConfigError:
    """Makes the error for HTTP and HTTPS on one port."""
    scheme, other = ("HTTPS", "HTTP") if use.tls else ("HTTP", "HTTPS")
    message = f"'{use.key.text}' is {scheme} on port {use.port}, where '{first.key.text}' is {other}"
    return use.key.error(f"{message} ({where(first, use)})", hint="choose another port for one of them")


def repeated(first: Use, use: Use) -> ConfigError:
    """Makes the error for an address that is written twice."""
    message = f"address '{use.key.text}' is given twice, first {where(first, use)}"
    return use.key.error(message, hint="remove one of them, or join the two sites")


def where(first: Use, use: Use) -> str:
    """Says where the first use is written, seen from another one."""
    place = first.key.place
    return f"at line {place.line}" if place.file == use.key.place.file else f"at {place}"


def admin_clash(options: Options, listeners: dict[tuple[str, int], Use]) -> Iterator[ConfigError]:
    """Finds a site on the port of the admin listener."""
    host, _, port = options.admin.rpartition(":")
    if options.admin == "off" or port == "0":
        return
    for (bind, used), use in listeners.items():
        if used == int(port) and (bind in ("", "0.0.0.0", "::") or bind == host.strip("[]")):
            message = f"'{use.key.text}' is on the port of the admin listener, {options.admin}"
            yield use.key.error(
                message, hint="choose another port, or move it with the global option 'admin'"
            )
