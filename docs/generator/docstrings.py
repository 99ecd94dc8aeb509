"""Reads what docstrings say: the syntax block that a config's opens with, and those of its fields."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import Any


def syntax_and_text(cls: type) -> tuple[str, str]:
    """Splits a config's docstring into its syntax block, which ends at the first empty line, and the rest."""
    syntax, _, text = inspect.cleandoc(cls.__doc__ or "").partition("\n\n")
    return syntax.replace("        ", "\t").replace("    ", "\t"), text


@cache
def field_docs(cls: Any) -> dict[str, str]:
    """Returns the attribute docstrings of a dataclass: field → text in one line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for field, after in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            found[field.target.id] = " ".join(text_of(after).split())
    return found


def text_of(node: ast.stmt) -> str:
    """Returns the text of a docstring; empty when the statement is none."""
    value = node.value if isinstance(node, ast.Expr) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
