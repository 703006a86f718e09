"""Literal values of JavaScript and Python as plain Python values; what only running would tell becomes a Ref."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from telemetry.source_code.model import Ref, Table

if TYPE_CHECKING:
    from tree_sitter import Node

_SOURCE: ContextVar[bytes] = ContextVar("source")
_DEPTH = 5
_ENTRIES = 60
_CHARS = 120
_INTEGER = re.compile(r"[\d_]+\Z")
_WRAPPERS = frozenset(
    {"as_expression", "satisfies_expression", "parenthesized_expression", "non_null_expression", "await_expression"}
)


@contextmanager
def reading(source: bytes) -> Iterator[None]:
    """Nodes inside the block belong to the tree of this source. Asking a node itself copies all of its text, which is
    quadratic in a chain of ten thousand calls."""
    token = _SOURCE.set(source)
    try:
        yield
    finally:
        _SOURCE.reset(token)


def text_of(node: "Node | None", chars: int = _CHARS) -> str:
    """A node's source, cut."""
    if node is None:
        return ""
    start = node.start_byte
    return _SOURCE.get()[start : min(node.end_byte, start + 4 * chars)].decode("utf-8", "replace")[:chars]


def value_of(node: "Node | None", depth: int = 0) -> Any:
    """The value a literal has; nested literals to a depth of five, sixty entries each."""
    if node is None or depth > _DEPTH:
        return Ref(text_of(node))
    while node.type in _WRAPPERS and node.named_children:
        node = node.named_children[0]
    simple = _SIMPLE.get(node.type)
    if simple is not None:
        return simple(text_of(node))
    if node.type in ("string", "template_string", "concatenated_string"):
        return _text(node)
    if node.type in ("object", "dictionary"):
        return _table(node, depth)
    if node.type in ("array", "list", "tuple"):
        return [value_of(child, depth + 1) for child in node.named_children[:_ENTRIES] if child.type != "comment"]
    if node.type in ("unary_expression", "unary_operator", "binary_expression", "binary_operator"):
        return _arithmetic(node, depth)
    return Ref(text_of(node))


def _number(text: str) -> Any:
    try:
        return int(text.replace("_", "")) if _INTEGER.match(text) else float(text.replace("_", ""))
    except ValueError:
        return Ref(text)


_SIMPLE: dict[str, Any] = {
    "number": _number,
    "integer": _number,
    "float": _number,
    "true": lambda _: True,
    "false": lambda _: False,
    "null": lambda _: None,
    "undefined": lambda _: None,
    "none": lambda _: None,
}


def _text(node: "Node") -> Any:
    """A text without its marks; None of its parts may be computed, or it stays as `${...}` in the text."""
    text = text_of(node, 400)
    return re.sub(r"\A[rRbBuUfF]{0,2}(\"\"\"|'''|[\"'`])(.*?)\1?\Z", r"\2", text, flags=re.S)


def _table(node: "Node", depth: int) -> Table:
    table = Table()
    for child in node.named_children[:_ENTRIES]:
        if child.type == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            name = _key(key)
            table[name] = value_of(value, depth + 1)
            table.lines[name] = child.start_point.row + 1
        elif child.type in ("shorthand_property_identifier", "method_definition"):
            name = text_of(child if child.type[0] == "s" else child.child_by_field_name("name"))
            table[name] = Ref(name)
            table.lines[name] = child.start_point.row + 1
        elif child.type in ("spread_element", "dictionary_splat"):
            table.open = True
    table.open = table.open or len(node.named_children) > _ENTRIES
    return table


def _key(node: "Node | None") -> str:
    text = text_of(node)
    return text[1:-1] if text[:1] in ("'", '"') and len(text) > 1 else text


def _arithmetic(node: "Node", depth: int) -> Any:
    """Products and sums of numbers, as people write durations: 60 * 60 * 1000."""
    operator = text_of(node.child_by_field_name("operator"), 3)
    if node.type.startswith("unary"):
        inner = value_of(node.child_by_field_name("argument"), depth + 1)
        return -inner if operator == "-" and isinstance(inner, int | float) else Ref(text_of(node))
    left = value_of(node.child_by_field_name("left"), depth + 1)
    right = value_of(node.child_by_field_name("right"), depth + 1)
    if isinstance(left, int | float) and isinstance(right, int | float):
        if operator == "*":
            return left * right
        if operator == "+":
            return left + right
    return Ref(text_of(node))
