"""The `libsql` directive: a SQLite file for libSQL's clients. What it needs is loaded when it is built."""

from __future__ import annotations

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import read_block
from gojinn.edge.handler import BuildContext, Middleware
from gojinn.fabric.node import Node as FabricNode
from gojinn.libsql.batons import BatonKey
from gojinn.libsql.config import NAME, TENANT, LibsqlConfig
from gojinn.libsql.hub import Hub


def parse(node: Node, scope: Scope) -> LibsqlConfig:
    """Reads the database and the options."""
    word = node.one("<database>")
    database = word.text
    if database.startswith(TENANT):
        name = database.removeprefix(TENANT)
        if name and not NAME.fullmatch(name):
            raise word.error(
                f"wrong name in 'libsql': given '{name}', expected 1 to 64 letters, digits, '_' or '-'"
            )
    elif not database or database == ":memory:":
        raise word.error(f"wrong database for 'libsql': given '{database}', expected the path of a file")
    else:
        database = scope.path(word)
    config = read_block(node, LibsqlConfig, scope, database=database)
    check_tokens(node, config)
    return config


def check_tokens(node: Node, config: LibsqlConfig) -> None:
    """Raises ConfigError unless the file says who is let in."""
    some = config.auth_tokens or config.read_only_tokens or config.jwt_keys
    if not some and not config.no_auth:
        hint = "add 'auth_token <secret>' or 'jwt_key <key>' to its block, or 'no_auth' to let everybody in"
        raise node.error("'libsql' says nothing about who is let in", hint=hint)
    if some and config.no_auth:
        raise node.error("'no_auth' lets everybody in, but there are tokens too", hint="remove one of them")


def build(config: LibsqlConfig, context: BuildContext) -> Middleware:
    """Makes the handler; the server lasts for as long as any generation has this directive."""
    from gojinn.edge.hrana.endpoint import Endpoint
    from gojinn.libsql.server import LibsqlDatabase

    node = context.services.get(FabricNode)
    server = context.service(Hub).server(node.tenants if node else None)
    server.trust(context.service(BatonKey))
    context.resources.append(server.used())
    database = LibsqlDatabase(server, config)
    return lambda following: Endpoint(config, database, following).handle


DIRECTIVE = Directive("libsql", LibsqlConfig, parse, build)
