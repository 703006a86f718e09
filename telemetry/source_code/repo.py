"""A repository as its files: which function a name means in another file, and what a handler leads to."""

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import cached_property

from telemetry.source_code import javascript, python
from telemetry.source_code.model import Call, Function, Import, Ref, SourceFile, class_around
from telemetry.source_code.selection import language_of
from telemetry.source_code.tree import root_of
from telemetry.source_code.values import reading

_ENDINGS = (
    "",
    ".ts",
    ".tsx",
    ".js",
    ".jsx",
    ".mjs",
    ".cjs",
    ".mts",
    "/index.ts",
    "/index.tsx",
    "/index.js",
    "/index.mjs",
)
_JS_ENDING = re.compile(r"\.(?:js|mjs|cjs|jsx)\Z")
_ALIAS = re.compile(r"\A(?:@|~|#|src)/")
# What a browser runs is of no concern: such a file is counted, and its page listed.
_CLIENT = re.compile(rb"(?:\s++|//[^\n]*+\n|/\*(?:[^*]|\*(?!/))*+\*/)*+[\"']use client[\"']")
# `orders: OrderService`, `orders: Annotated[OrderService, Depends()]`
_TYPED = re.compile(r"\A(?:@\w+\([^)]*\)\s*)?(\w+)\??\s*:\s*(?:Annotated\[\s*)?(\w+)")
HOPS = 2
MAX_REACHED = 100

Follow = Callable[[Call], bool]


def read_file(path: str, text: bytes) -> SourceFile | None:
    """A file with what its tree says; None when it could not be parsed in time."""
    language = language_of(path) or ""
    if language != "python" and _CLIENT.match(text):
        return SourceFile(path, language, text, directives={"use client"}, exports={"default": "default"})
    root = root_of(text, language)
    if root is None:
        return None
    file = SourceFile(path, language, text, broken=root.has_error)
    with reading(text):
        (python if language == "python" else javascript).read(file, root)
    return file


def _type_of(call: Call, name: str, is_member: bool) -> str:
    """The class of a field, parameter or variable where a call stands, "" when the code does not say."""
    if is_member and (member := call.file.member(call, name)):
        return member.type.partition("<")[0]
    made = call.file.made_for(
        call, f"{'self' if call.file.language == 'python' else 'this'}.{name}" if is_member else name
    )
    if made is not None:
        return made.name if "." not in made.name else ""
    at = call.file.method(class_around(call), "__init__") if is_member else call.function
    while at is not None:
        for param in at.params:
            if (found := _TYPED.match(param)) and found[1] == name:
                return found[2]
        at = at.parent
    return ""


class Repository:
    """All files by path. Imports are followed where they lead to a file; packages are names."""

    def __init__(self, files: list[SourceFile]) -> None:
        self.files = {file.path: file for file in files}
        self._functions: dict[tuple[Function, int], list[Function]] = {}
        self._resolved: dict[tuple[str, str], SourceFile | None] = {}

    def __iter__(self) -> Iterator[SourceFile]:
        return iter(self.files.values())

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Paths by their last two parts without ending: how Python and aliases name modules."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            stem = re.sub(r"(?:/__init__|/index)?\.\w+\Z", "", path)
            found.setdefault(stem.rpartition("/")[2], []).append(path)
        return found

    def module(self, file: SourceFile, module: str) -> SourceFile | None:
        """The file that an import in `file` names, None for a package."""
        key = (file.path, module)
        if key not in self._resolved:
            find = self._python_module if file.language == "python" else self._node_module
            self._resolved[key] = find(file, module)
        return self._resolved[key]

    def _node_module(self, file: SourceFile, module: str) -> SourceFile | None:
        if module.startswith("."):
            return self._at(posixpath.normpath(posixpath.join(posixpath.dirname(file.path), module)))
        rest = _ALIAS.sub("", module)
        bare = rest == module and not module.startswith("/")
        if bare and "/" not in module:
            return None
        folder = posixpath.dirname(file.path)
        while True:
            for base in (folder, posixpath.join(folder, "src"), posixpath.join(folder, "app")):
                if found := self._at(posixpath.join(base, rest.lstrip("/"))):
                    return found
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def _at(self, path: str) -> SourceFile | None:
        for stem in (path, _JS_ENDING.sub("", path)):  # TypeScript imports "./x.js" and means x.ts
            for ending in _ENDINGS:
                if found := self.files.get(stem + ending):
                    return found
        return None

    def _python_module(self, file: SourceFile, module: str) -> SourceFile | None:
        dots = len(module) - len(module.lstrip("."))
        parts = [part for part in module.strip(".").split(".") if part]
        if dots:
            folder = file.path
            for _ in range(dots):
                folder = posixpath.dirname(folder)
            stem = posixpath.join(folder, *parts)
            return self.files.get(f"{stem}.py") or self.files.get(f"{stem}/__init__.py")
        if not parts:
            return None
        tail = "/".join(parts)
        fits = [
            path
            for path in self.by_name.get(parts[-1], ())
            if f"/{path}".endswith((f"/{tail}.py", f"/{tail}/__init__.py"))
        ]
        return self.files[min(fits, key=len)] if fits else None

    def source_of(self, file: SourceFile, name: str) -> tuple[SourceFile, str] | None:
        """Where a name used in a file is defined: (file, its name there); None when a package defines it."""
        seen: set[tuple[str, str]] = set()
        at, local = file, name
        while (at.path, local) not in seen:
            seen.add((at.path, local))
            found: Import | None = at.imports.get(local)
            if found is None:
                return at, local
            target = self.module(at, found.module)
            if target is None:
                as_module = f"{found.module}.{found.name}" if at.language == "python" and found.name != "*" else ""
                if found.module.strip(".") == "" and at.language == "python":
                    as_module = f"{found.module}{found.name}"
                inner = self.module(at, as_module) if as_module else None
                return (inner, "*") if inner else None
            if found.name == "*" or (at.language == "python" and self._is_submodule(at, found)):
                return (self._submodule(at, found) or target, "*")
            at, local = target, target.exports.get(found.name, found.name)
        return None

    def _is_submodule(self, file: SourceFile, found: Import) -> bool:
        return self._submodule(file, found) is not None

    def _submodule(self, file: SourceFile, found: Import) -> SourceFile | None:
        if found.name == "*" or file.language != "python":
            return None
        joined = f"{found.module}{found.name}" if found.module.endswith(".") else f"{found.module}.{found.name}"
        return self.module(file, joined)

    def function(self, file: SourceFile, name: str, cls: str = "") -> Function | None:
        """The function that a (dotted) name means where it is used."""
        head, _, rest = name.partition(".")
        if head in ("this", "self") and cls:
            return file.method(cls, rest) if "." not in rest else None
        defined = self.source_of(file, head)
        if defined is None:
            return None
        where, local = defined
        if local == "*":
            return where.named(where.exports.get(rest, rest)) if rest and "." not in rest else None
        if not rest:
            if local in where.classes:
                return None
            return where.named(where.exports.get(local, local) if local == "default" else local)
        if "." in rest:
            return None
        return where.method(local, rest) or self._method_of_instance(where, local, rest)

    def _method_of_instance(self, file: SourceFile, name: str, method: str) -> Function | None:
        """`orders.list()` where the module says `orders = new OrderService()`, or `orders = { list() {} }`."""
        made = file.made(name)
        if made is None or not made.name:
            return None
        defined = self.source_of(file, made.head)
        return defined[0].method(made.last, method) if defined else None

    def settled(self, file: SourceFile, value: object) -> object:
        """A value, or what the constant of this name holds, here or where it is imported from."""
        value = file.settled(value)
        if not isinstance(value, Ref) or not value.text.isidentifier():
            return value
        found = self.source_of(file, value.text)
        return found[0].values.get(found[1], value) if found else value

    def text_of(self, call: Call, place: int) -> str | None:
        """The argument at this place if it is a text, following a constant through imports."""
        value = self.settled(call.file, call.args[place]) if place < len(call.args) else None
        return value if isinstance(value, str) else None

    def callee(self, call: Call) -> Function | None:
        """The function of this repository that a call runs."""
        return self.function(call.file, call.name, class_around(call)) or self._method_of_owner(call)

    def _method_of_owner(self, call: Call) -> Function | None:
        """`this.orders.list()` and `orders.list()` by the class that the owner was declared or made with."""
        owner, _, method = call.name.rpartition(".")
        name = owner.removeprefix("this.").removeprefix("self.")
        if not owner or "." in name:
            return None
        declared = _type_of(call, name, name != owner)
        found = self.source_of(call.file, declared) if declared else None
        return found[0].method(found[1], method) if found else None

    def handed(self, call: Call) -> Iterator[Function]:
        """Functions that a call is given by name."""
        for value in call.args:
            text = getattr(value, "text", "")
            if text and re.fullmatch(r"[\w.]+", text) and (found := self.function(call.file, text)):
                yield found

    def functions(self, function: Function, hops: int = HOPS, follow: Follow | None = None) -> list[Function]:
        """A function and those that run because of it, `hops` calls deep; `follow` may leave calls out."""
        key = (function, hops)
        if follow is None and key in self._functions:
            return self._functions[key]
        seen = {function: None}
        level = [function]
        for _ in range(hops):
            calls = [call for one in level for call in one.file.calls_of(one) if follow is None or follow(call)]
            found = [callee for call in calls for callee in (self.callee(call), *self.handed(call)) if callee]
            level = [one for one in dict.fromkeys(found) if one not in seen][:MAX_REACHED]
            seen |= dict.fromkeys(level)
        if follow is None:
            self._functions[key] = list(seen)
        return list(seen)

    def reach(self, function: Function, follow: Follow | None = None) -> list[Call]:
        """Calls that run when a function runs: its own, and those of the functions it leads to."""
        calls = dict.fromkeys(call for one in self.functions(function, HOPS, follow) for call in one.file.calls_of(one))
        return [call for call in calls if follow is None or follow(call)]
