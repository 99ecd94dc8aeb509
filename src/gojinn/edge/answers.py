"""Conditions on a response: its status and its fields. What hangs on them is the directives' business."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.fields import read_value
from gojinn.config.units import parse_header_name
from gojinn.edge.headers import every, field_text
from gojinn.edge.matchers.header import alike
from gojinn.edge.message import Response
from gojinn.edge.status import matches_status, parse_status_class

Fields = tuple[tuple[str, tuple[str, ...] | None], ...]
FORMS = {"status": "status <code...>", "header": "header <field> <value>, or header !<field>"}


@dataclass(frozen=True, slots=True)
class AnswerMatch:
    """A condition: one of the statuses, and all of the fields."""

    statuses: tuple[int, ...] = ()
    """Any of these; one digit stands for a class. Without any every status will do."""
    fields: Fields = ()
    """Names in lower case with alternatives that may start or end with `*`; None for one that is missing."""

    def holds(self, response: Response) -> bool:
        """Tells whether a response meets the condition."""
        if self.statuses and not any(matches_status(response.status, wanted) for wanted in self.statuses):
            return False
        return all(field_holds(response, name, wanted) for name, wanted in self.fields)


def field_holds(response: Response, name: str, wanted: tuple[str, ...] | None) -> bool:
    """Tells whether one field is as it should be."""
    values = [field_text(value) for value in every(response.headers, name.encode())]
    if wanted is None:
        return not values
    return any(alike(value, pattern) for value in values for pattern in wanted)


def read_answer_match(node: Node) -> AnswerMatch:
    """Reads a condition: `status …` or `header …` on the line itself, or a block of these."""
    lines = list(node.block or ())
    if node.args:
        lines.insert(0, Node(node.args[0], node.args[1:]))
    if not lines:
        raise node.wrong_args(" or ".join(f"'{form}'" for form in FORMS.values()))
    statuses: list[int] = []
    fields: dict[str, tuple[str, ...] | None] = {}
    for line in lines:
        if line.text not in FORMS:
            raise line.unknown(node.text, FORMS)
        if line.text == "status" and line.args:
            statuses += [read_value(word, parse_status_class, line.text) for word in line.args]
        else:
            name, values = read_field(line)
            fields[name] = None if values is None else (*(fields.get(name) or ()), *values)
    return AnswerMatch(tuple(statuses), tuple(fields.items()))


def read_field(line: Node) -> tuple[str, Iterable[str] | None]:
    """Reads one line on a field."""
    missing = len(line.args) == 1 and line.args[0].text.startswith("!")
    if line.text == "status" or (len(line.args) != 2 and not missing):
        raise line.wrong_args(FORMS[line.text].partition(" ")[2])
    name = line.args[0].text.removeprefix("!") if missing else line.args[0].text
    if not missing:
        read_value(line.args[0], parse_header_name, line.text)
    return name.lower(), None if missing else (line.args[1].text,)
