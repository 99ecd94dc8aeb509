"""Tests of the table of imports."""

from __future__ import annotations

import re
from pathlib import Path

from gojinn.capabilities.imports import CAPABILITIES, IMPORTS


def test_words_and_imports_are_unique() -> None:
    words = [capability.word for capability in CAPABILITIES]
    names = [entry.name for capability in CAPABILITIES for entry in capability.imports]
    assert len(set(words)) == len(words)
    assert len(set(names)) == len(names) == 16


def test_the_guest_s_side_of_the_contract_is_complete() -> None:
    """Every import that the C header for guests declares is in the table, and the other way round."""
    header = Path(__file__).parents[1] / "integration" / "functions" / "gojinn.h"
    declared = dict(re.findall(r"IMPORT\((\w+)\) \w+ \w+\(([^)]*)\)", header.read_text()))
    assert set(declared) == set(IMPORTS)
    for name, parameters in declared.items():
        count = 0 if parameters == "void" else len(parameters.split(","))
        assert count == len(IMPORTS[name].params), name
