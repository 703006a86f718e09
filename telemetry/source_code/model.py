"""What is kept of a source file once its tree was walked: functions, calls with their arguments, imports.

The same words for JavaScript and Python, so that a smell is looked for once. Trees are dropped after the walk; they
take ten times the size of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

_WORD = re.compile(r"\w*")


@lru_cache(maxsize=64)
def _lines_of(text: bytes) -> list[str]:
    return text.decode("utf-8", "replace").split("\n")


@dataclass(frozen=True, slots=True)
class Ref:
    """A value that is only known when the program runs: its source text, cut."""

    text: str


class Table(dict[str, Any]):
    """An object or dict literal. `open` when something unknown is spread into it, `lines` where its keys stand."""

    def __init__(self) -> None:
        super().__init__()
        self.open = False
        self.lines: dict[str, int] = {}


@dataclass(eq=False, repr=False, slots=True)
class Function:
    """A function, method or callback. `name` is "" for a callback; `cls` its class; lines count from 1."""

    name: str
    line: int
    end: int
    file: "SourceFile"
    parent: "Function | None" = None
    cls: str = ""
    exported: bool = False
    is_async: bool = False
    action: bool = False  # a server action of Next.js
    params: tuple[str, ...] = ()
    decorators: list["Call"] = field(default_factory=list)
    given_to: "Call | None" = None  # the call it is an argument of
    slot: str = ""  # what the call's value is bound to: POST of `export const POST = withAuth(async () => ..)`
    _text: str = ""

    @property
    def text(self) -> str:
        """Its source, at most 60,000 characters; kept, because each of its calls may ask."""
        if not self._text:
            self._text = "\n".join(self.file.lines[self.line - 1 : self.end])[:60_000]
        return self._text

    @property
    def label(self) -> str:
        """How a person finds it: class and name, or that of the function around it."""
        at: Function | None = self
        while at is not None and not (at.name or at.slot):
            at = at.parent
        name = (at.name or at.slot) if at else "module"
        return f"{at.cls}.{name}" if at and at.cls else name

    def within(self, other: "Function") -> bool:
        """Whether it is the other one or stands inside it."""
        at: Function | None = self
        while at is not None:
            if at is other:
                return True
            at = at.parent
        return False


@dataclass(eq=False, repr=False, slots=True)
class Call:
    """A call. `name` is the callee without brackets, chains flattened: `db.select().from(t)` is "db.select.from".

    `args` and `options` (Python's keyword arguments) are plain values, `Table`s, lists, `Ref`s, or the Function itself.
    `loop` is the line of the loop around it in the same function (0 without); `target` what its value is bound to,
    `operator` how ("=", "??=", "const"). `inner` when another call is made on its result.
    """

    name: str
    line: int
    file: "SourceFile"
    function: Function | None
    args: list[Any] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    open: bool = False  # arguments are spread
    new: bool = False
    awaited: bool = False
    returned: bool = False
    inner: bool = False
    sliced: bool = False
    loop: int = 0
    loop_kind: str = ""  # "for", "while" or the array method
    target: str = ""
    operator: str = ""
    given_to: "Call | None" = None  # the call it is an argument of

    @property
    def head(self) -> str:
        """The first part of the name."""
        return self.name.partition(".")[0]

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    def table(self, place: int) -> Table | None:
        """The argument at this place if it is an object literal, following one constant of the file."""
        value = self.file.settled(self.args[place]) if place < len(self.args) else None
        return value if isinstance(value, Table) else None

    def text(self, place: int) -> str | None:
        """The argument at this place if it is a text."""
        value = self.file.settled(self.args[place]) if place < len(self.args) else None
        return value if isinstance(value, str) else None

    def around(self) -> Iterator["Call"]:
        """The calls it is an argument of, the nearest first: through functions that are given to calls as well."""
        call: Call | None = self
        while call is not None:
            outer = call.given_to
            if outer is None and call.function is not None:
                outer = call.function.given_to
            if outer is None:
                return
            yield outer
            call = outer


@dataclass(frozen=True, slots=True)
class Import:
    """A name bound by an import: from which module, under which name there ("*" for the module, "default")."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Loop:
    """A Python loop: its variable and the source of what it runs over, cut."""

    line: int
    variable: str
    over: str
    function: Function | None


@dataclass(frozen=True, slots=True)
class Read:
    """An attribute of an attribute that is read in a loop: `order.customer.name`, and the line of the loop."""

    line: int
    name: str
    loop: int


@dataclass(frozen=True, slots=True)
class Member:
    """A typed field of a class, as its body or its constructor declares it: `private readonly orders: OrderService`."""

    type: str  # "OrderService", "Repository<Order>"
    decorators: tuple[Call, ...] = ()


@dataclass(eq=False, repr=False, slots=True)
class Class:
    """A class: bases, decorators, typed fields, and the values of its body."""

    name: str
    line: int
    file: "SourceFile"
    bases: tuple[str, ...] = ()
    decorators: list[Call] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)


@dataclass(eq=False, repr=False, slots=True)
class SourceFile:
    """One file. `values` are the module's own names with their values; `exports` maps a name outside to one inside."""

    path: str
    language: str
    text: bytes
    calls: list[Call] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    imports: dict[str, Import] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    value_lines: dict[str, int] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    texts: list[tuple[int, str, Function | None]] = field(default_factory=list)  # SQL with OFFSET
    loops: list[Loop] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    directives: set[str] = field(default_factory=set)  # "use client", "use server"
    broken: bool = False  # the tree holds errors
    _inner: dict[int, list[Call]] = field(default_factory=dict)
    _by_function: dict[Function, list[Call]] = field(default_factory=dict)
    _bound: dict[str, list[Call]] = field(default_factory=dict)
    _naming: dict[str, list[Call]] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """Its lines, split anew when not asked for in a while: they take three times the memory of the text."""
        return _lines_of(self.text)

    def settled(self, value: Any) -> Any:
        """A value, or what the module's constant of this name holds."""
        return self.values.get(value.text, value) if isinstance(value, Ref) else value

    def named(self, name: str) -> Function | None:
        """The function of this name at the top of the module, or bound to it through a wrapper."""
        top = [one for one in self.functions if one.parent is None]
        return next((one for one in top if one.name == name and not one.cls), None) or next(
            (one for one in top if one.slot == name), None
        )

    def method(self, cls: str, name: str) -> Function | None:
        """A method of a class."""
        return next((one for one in self.functions if one.cls == cls and one.name == name), None)

    def calls_of(self, function: Function) -> list[Call]:
        """Calls that stand in a function or in one inside it."""
        if not self._by_function:
            for call in self.calls:
                at = call.function
                while at is not None:
                    self._by_function.setdefault(at, []).append(call)
                    at = at.parent
        return self._by_function.get(function, [])

    def inner_at(self, line: int) -> list[Call]:
        """Calls that begin on a line and whose result another call is made on."""
        if not self._inner and self.calls:
            for call in self.calls:
                self._inner.setdefault(call.line if call.inner else 0, []).append(call)
        return self._inner.get(line, [])

    def made(self, name: str) -> Call | None:
        """The call whose value the module keeps under this name."""
        return next((one for one in self.calls if one.target == name and one.function is None and not one.inner), None)

    def bound(self, name: str) -> list[Call]:
        """The calls, wherever they stand, whose value is bound to this name: `repo`, `this.repo`, `self.repo`."""
        if not self._bound and self.calls:
            self._bound[""] = []
            for call in self.calls:
                if call.target and not call.inner:
                    self._bound.setdefault(call.target, []).append(call)
        return self._bound.get(name, [])

    def naming(self, name: str) -> list[Call]:
        """The calls on a name and those that are given it first: `query.limit(5)`, `execute(query)`."""
        if not self._naming and self.calls:
            for call in self.calls:
                first = call.args[0].text if call.args and isinstance(call.args[0], Ref) else ""
                for word in {call.head, _WORD.match(first)[0]}:  # type: ignore[index]
                    self._naming.setdefault(word, []).append(call)
        return self._naming.get(name, [])

    def made_for(self, call: Call, name: str) -> Call | None:
        """The call whose value a name holds where another call stands: bound in a function around it, or a module's."""
        for one in self.bound(name):
            if name.startswith(("this.", "self.")):
                if class_around(one) in ("", class_around(call)):
                    return one
            elif one.function is None or (call.function is not None and call.function.within(one.function)):
                return one
        return None

    def member(self, call: Call, name: str) -> Member | None:
        """The typed field that `this.name` means where a call stands."""
        cls = class_around(call)
        found = self.classes.get(cls) if cls else None
        return found.members.get(name) if found else None


def class_around(call: Call) -> str:
    """The class whose method a call stands in, "" outside of one."""
    at = call.function
    while at is not None:
        if at.cls:
            return at.cls
        at = at.parent
    return ""
