"""The order that routes are evaluated in. Each expected order is what Caddy 2.6 makes of the same lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gojinn.config.adapt import Adapted
from gojinn.errors import ConfigError

Adapt = Callable[[str], Adapted]


def answers(adapted: Adapted) -> list[str]:
    """The directive or the text of each route of the first site."""
    routes = adapted.config.sites[0].routes
    return [getattr(route.config, "text", route.directive) for route in routes]


SORTED = {
    "as in the grammar": ("serve f\nanswer a\nplain\ngroup\nset s", "s group plain a serve"),
    "longer path first": ("answer /a 1\nanswer /abc 3\nanswer /ab 2", "3 2 1"),
    "same length stays": ("answer /b 1\nanswer /a 2", "1 2"),
    "without matcher last": ("answer 0\nanswer /a 1\nanswer * 2\nanswer /ab 3", "3 1 0 2"),
    "star counts as a letter": ("answer /a 1\nanswer /a* 2", "2 1"),
    "other matchers stay": (
        "answer /a 1\nanswer 0\nanswer @get g\nanswer /abc 3\nanswer @two t\nanswer /a 5\nanswer @set /4",
        "1 g 3 t /4 5 0",
    ),
    "single path in a set": ("answer /a 1\nanswer @set 4", "4 1"),
    "the other way round": ("set /abc 3\nset /a 1\nset 0\nset @get g\nset /x 2", "0 1 3 g 2"),
    "members of a group together": ("kind /a {\n}\ngroup /abc {\n}\nkind /ab {\n}", "group kind kind"),
}
NAMED = "@get method GET\n@two path /a /b\n@set {\npath /long\nmethod GET\n}\n"


@pytest.mark.parametrize(("lines", "order"), SORTED.values(), ids=SORTED)
def test_routes_are_sorted(adapted: Adapt, lines: str, order: str) -> None:
    assert answers(adapted(f":80\n{NAMED}{lines}")) == order.split()


def test_routes_of_an_ordered_block_are_sorted_too(adapted: Adapt) -> None:
    group = adapted(":80\ngroup {\nanswer 0\nset s\n}").config.sites[0].routes[0]
    assert [route.directive for route in group.config.routes] == ["set", "answer"]


def test_routes_of_a_plain_block_stay(adapted: Adapt) -> None:
    group = adapted(":80\nplain {\nanswer 0\nset s\n}").config.sites[0].routes[0]
    assert [route.directive for route in group.config.routes] == ["answer", "set"]


def test_groups_are_kept_in_ordered_blocks_only(adapted: Adapt) -> None:
    site = adapted(":80\nplain {\nkind\n}\nkind").config.sites[0]
    assert [route.group for route in site.routes] == ["group", ""]
    assert site.routes[1].config.routes[0].group == ""


ORDERS = {
    "first": ("order answer first", "a s serve"),
    "last": ("order set last", "a serve s"),
    "before": ("order serve before answer", "s serve a"),
    "after": ("order set after answer", "a s serve"),
    "one after the other": ("order set last\norder serve first", "serve a s"),
}


@pytest.mark.parametrize(("orders", "expected"), ORDERS.values(), ids=ORDERS)
def test_order_option_moves_a_directive(adapted: Adapt, orders: str, expected: str) -> None:
    assert answers(adapted(f"{{\n{orders}\n}}\n:80\nset s\nanswer a\nserve f")) == expected.split()


WRONG = {
    "unknown": ("order answr first", "unknown directive 'answr'"),
    "unknown other": ("order answer after sett", "unknown directive 'sett'"),
    "itself": ("order answer before answer", "'answer' cannot stand before itself"),
    "position": ("order answer frst", "wrong arguments for 'order': given 'answer frst'"),
    "too few": ("order answer before", "wrong arguments for 'order'"),
    "too many": ("order answer first set", "wrong arguments for 'order'"),
    "nothing": ("order", "wrong arguments for 'order': given nothing"),
    "directive of the site": ("order tls first", "unknown directive 'tls'"),
}


@pytest.mark.parametrize(("line", "message"), WRONG.values(), ids=WRONG)
def test_wrong_order_is_an_error(adapted: Adapt, line: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        adapted(f"{{\n{line}\n}}\n:80")
    assert message in caught.value.message
