"""One pass over a syntax tree without recursion: every node meets the handler of its type, in source order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from telemetry.source_code.model import Call, Class, Function, SourceFile
from telemetry.source_code.values import text_of

if TYPE_CHECKING:
    from tree_sitter import Node

# Beyond these a file is generated, and one more call tells nothing new.
MAX_CALLS = 20_000
MAX_FUNCTIONS = 5_000


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a node. `exported` holds for a declaration, the fields up to `sliced` for a value alone."""

    function: Function | None = None
    cls: Class | None = None
    loop: int = 0
    loop_kind: str = ""
    exported: bool = False
    target: str = ""
    operator: str = ""
    awaited: bool = False
    returned: bool = False
    given_to: Call | None = None
    inner: bool = False
    sliced: bool = False
    decorators: tuple[Call, ...] = ()

    @property
    def plain(self) -> "Context":
        """The same place without what holds for one value."""
        used = self.target or self.awaited or self.returned or self.given_to or self.inner or self.sliced
        if not (used or self.exported or self.decorators):
            return self
        return Context(self.function, self.cls, self.loop, self.loop_kind)

    def but(self, **changes: object) -> "Context":
        """With some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


class Walker:
    """Walks one file. Handlers push the children that should be met next."""

    def __init__(self, file: SourceFile, handlers: "Mapping[str, Callable[[Walker, Node, Context], None]]") -> None:
        self.file = file
        self._handlers = handlers
        self._stack: list[tuple[Node, Context]] = []

    def walk(self, root: "Node") -> None:
        """Meet every node of the tree."""
        self._stack.append((root, Context()))
        while self._stack:
            node, context = self._stack.pop()
            handler = self._handlers.get(node.type)
            if handler is not None:
                handler(self, node, context)
            else:
                self.children(node, context.plain)

    def push(self, node: "Node | None", context: Context) -> None:
        """Meet a node later; what is pushed last comes first."""
        if node is not None:
            self._stack.append((node, context))

    def children(self, node: "Node", context: Context) -> None:
        """Meet every named child, in order."""
        self._stack.extend((child, context) for child in reversed(node.named_children))

    def call(self, node: "Node", name: str, context: Context) -> Call:
        """Keep a call; beyond the bound it is known to its arguments only."""
        call = Call(
            name,
            node.start_point.row + 1,
            self.file,
            context.function,
            awaited=context.awaited,
            returned=context.returned,
            inner=context.inner,
            sliced=context.sliced,
            loop=context.loop,
            loop_kind=context.loop_kind,
            target=context.target,
            operator=context.operator,
            given_to=context.given_to,
        )
        if len(self.file.calls) < MAX_CALLS:
            self.file.calls.append(call)
        return call

    def function(self, node: "Node", name: str, context: Context) -> Function:
        """Keep a function."""
        function = Function(
            name,
            node.start_point.row + 1,
            node.end_point.row + 1,
            self.file,
            parent=context.function,
            cls=context.cls.name if context.cls else "",
            exported=context.exported,
            is_async=text_of(node, 40).lstrip().startswith(("async", "export async", "static async")),
            decorators=list(context.decorators),
            given_to=context.given_to,
            slot=_slot(context),
        )
        if len(self.file.functions) < MAX_FUNCTIONS:
            self.file.functions.append(function)
        return function

    def value(self, name: str, node: "Node | None", line: int, value: object) -> None:
        """Keep what a name of the module holds; the first binding counts."""
        if name not in self.file.values:
            self.file.values[name] = value
            self.file.value_lines[name] = line


def _slot(context: Context) -> str:
    """The name that the calls around a callback are bound to: GET of `export const GET = auth(() => ..)`."""
    call = context.given_to
    while call is not None:
        if call.target:
            return call.target
        call = call.given_to
    return context.target


def dotted(node: "Node | None") -> str:
    """A callee as a dotted name, brackets of calls left out: `a.b().c` is "a.b.c"; "?" stands for what has no name."""
    parts: list[str] = []
    while node is not None and len(parts) < 30:
        kind = node.type
        if kind in ("member_expression", "attribute"):
            parts.append(text_of(node.child_by_field_name("property") or node.child_by_field_name("attribute"), 80))
            node = node.child_by_field_name("object")
        elif kind in ("call_expression", "call"):
            node = node.child_by_field_name("function")
        elif kind == "new_expression":
            node = node.child_by_field_name("constructor")
        elif kind in ("subscript_expression", "subscript"):
            node = node.child_by_field_name("object") or node.child_by_field_name("value")
        elif kind in ("parenthesized_expression", "await_expression", "await", "non_null_expression", "as_expression"):
            node = node.named_children[0] if node.named_children else None
        else:
            named = kind in ("identifier", "this", "super", "type_identifier", "import", "property_identifier")
            parts.append(text_of(node, 80) if named else "?")
            break
    return ".".join(reversed(parts))
