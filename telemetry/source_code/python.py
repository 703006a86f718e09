"""Python: from a syntax tree to functions, classes, calls, imports and loops."""

import re
from typing import TYPE_CHECKING

from telemetry.source_code.model import Call, Class, Import, Loop, Read, Ref, SourceFile
from telemetry.source_code.values import text_of, value_of
from telemetry.source_code.walk import Context, Walker, dotted

if TYPE_CHECKING:
    from tree_sitter import Node

_OFFSET = re.compile(r"\bOFFSET\s*(?:%|\?|:|\{|\$)", re.I)
_TRIES = re.compile(r"range\((?:(?:1,\s*)?(\d{1,9})|\w*(?i:retr|attempt|tries)\w*(?:\s*\+\s*1)?)\)\Z")
FEW = 20  # so many turns are written out by hand, and do not grow with the data


def read(file: SourceFile, root: "Node") -> None:
    """Fill a file from its tree."""
    Walker(file, _HANDLERS).walk(root)


def _import(walker: Walker, node: "Node", context: Context) -> None:
    module_node = node.child_by_field_name("module_name")
    module = text_of(module_node) if module_node is not None else ""
    for part in node.named_children:
        if module_node is not None and part.start_byte == module_node.start_byte:
            continue
        aliased = part.type == "aliased_import"
        name = text_of(part.child_by_field_name("name") if aliased else part)
        local = text_of(part.child_by_field_name("alias")) if aliased else name
        if module:
            walker.file.imports[local] = Import(module, name)
        else:
            walker.file.imports[local if aliased else name.partition(".")[0]] = Import(name, "*")


def _decorated(walker: Walker, node: "Node", context: Context) -> None:
    decorators: list[Call] = []
    for part in node.named_children:
        if part.type == "decorator" and part.named_children:
            decorators.append(_kept(walker, part.named_children[0], Context()))
    walker.push(node.child_by_field_name("definition"), context.but(decorators=tuple(decorators)))


def _function(walker: Walker, node: "Node", context: Context) -> None:
    in_class = context.cls if context.function is None else None
    function = walker.function(node, text_of(node.child_by_field_name("name"), 80), context.but(cls=in_class))
    parameters = node.child_by_field_name("parameters")
    if parameters is not None:
        function.params = tuple(text_of(part, 60) for part in parameters.named_children)
        for part in parameters.named_children:
            walker.push(part.child_by_field_name("value"), Context(function.parent, given_to=None))
    walker.push(node.child_by_field_name("body"), Context(function))


def _lambda(walker: Walker, node: "Node", context: Context) -> None:
    function = walker.function(node, context.target, context)
    walker.push(node.child_by_field_name("body"), Context(function, None, context.loop, context.loop_kind))


def _class(walker: Walker, node: "Node", context: Context) -> None:
    bases = node.child_by_field_name("superclasses")
    names = tuple(dotted(part) for part in bases.named_children if part.type != "keyword_argument") if bases else ()
    name = text_of(node.child_by_field_name("name"), 80)
    cls = Class(name, node.start_point.row + 1, walker.file, names, list(context.decorators))
    walker.file.classes.setdefault(name, cls)
    walker.push(node.child_by_field_name("body"), Context(cls=cls))


def _assignment(walker: Walker, node: "Node", context: Context) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if right is None:
        return
    name = dotted(left) if left is not None and left.type in ("identifier", "attribute", "subscript") else ""
    line = node.start_point.row + 1
    if context.function is None and name:
        if context.cls is not None:
            context.cls.values.setdefault(name, value_of(right))
            context.cls.lines.setdefault(name, line)
        elif left is not None and left.type != "subscript":
            walker.value(name, right, line, value_of(right))
    walker.push(right, context.plain.but(target=name, operator="="))


def _call(walker: Walker, node: "Node", context: Context) -> None:
    call = _kept(walker, node, context)
    arguments = node.child_by_field_name("arguments")
    given = Context(context.function, context.cls, context.loop, context.loop_kind, given_to=call)
    for part in reversed(arguments.named_children if arguments is not None else []):
        walker.push(part.child_by_field_name("value") if part.type == "keyword_argument" else part, given)
    callee = node.child_by_field_name("function")
    while callee is not None and callee.type in ("attribute", "subscript"):
        callee = callee.child_by_field_name("object") or callee.child_by_field_name("value")
    if callee is not None and callee.type != "identifier":
        walker.push(callee, context.plain.but(inner=True))


def _kept(walker: Walker, node: "Node", context: Context) -> Call:
    call = walker.call(node, dotted(node), context)
    arguments = node.child_by_field_name("arguments") if node.type == "call" else None
    for part in arguments.named_children[:40] if arguments is not None else []:
        if part.type == "keyword_argument":
            call.options[text_of(part.child_by_field_name("name"))] = value_of(part.child_by_field_name("value"))
        elif part.type in ("list_splat", "dictionary_splat"):
            call.open = True
        elif part.type != "comment":
            call.args.append(value_of(part))
    return call


def _subscript(walker: Walker, node: "Node", context: Context) -> None:
    """A slice bounds a query; from a computed start it is a page."""
    cut = next((part for part in node.named_children if part.type == "slice"), None)
    if cut is not None:
        numbers = [part for part in cut.named_children if part.type != "comment"]
        start = len(numbers) == 2 and isinstance(value_of(numbers[0]), Ref)
        if start and context.function is not None and ".objects" in text_of(node, 400):
            walker.file.texts.append((node.start_point.row + 1, "slice", context.function))
    value = node.child_by_field_name("value")
    walker.push(value, context.but(sliced=cut is not None))
    for part in node.children_by_field_name("subscript"):
        walker.push(part, context.plain)


def _for(walker: Walker, node: "Node", context: Context) -> None:
    plain = context.plain
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    kind = "few" if right is not None and (right.type in ("list", "tuple") or _is_tries(right)) else "for"
    line = node.start_point.row + 1
    walker.file.loops.append(Loop(line, text_of(left, 60), text_of(right, 400), context.function))
    body = node.child_by_field_name("body")
    walker.push(body, plain.but(loop=line, loop_kind=kind))
    walker.push(right, plain.but(target=f"for {text_of(left, 60)}"))


def _is_tries(node: "Node") -> bool:
    """Whether a loop tries the same again: `range(3)`, `range(MAX_ATTEMPTS)`."""
    found = _TRIES.match(text_of(node))
    return found is not None and (not found[1] or int(found[1]) <= FEW)


def _while(walker: Walker, node: "Node", context: Context) -> None:
    walker.push(node.child_by_field_name("body"), context.plain.but(loop=node.start_point.row + 1, loop_kind="while"))
    walker.push(node.child_by_field_name("condition"), context.plain)


def _comprehension(walker: Walker, node: "Node", context: Context) -> None:
    body = node.child_by_field_name("body")
    walker.push(body, context.plain.but(loop=node.start_point.row + 1, loop_kind="for"))
    for part in node.named_children:
        if part.type == "for_in_clause":
            over = part.child_by_field_name("right")
            variable = text_of(part.child_by_field_name("left"), 60)
            walker.file.loops.append(Loop(node.start_point.row + 1, variable, text_of(over, 400), context.function))
            walker.push(over, context.plain.but(target=f"for {variable}"))


def _attribute(walker: Walker, node: "Node", context: Context) -> None:
    """`order.customer.name`: what a loop's variable is asked for, kept for the loop that binds it."""
    name = dotted(node)
    if context.loop and name.count(".") >= 2:
        walker.file.reads.append(Read(node.start_point.row + 1, name, context.loop))
    walker.children(node, context.plain)


def _string(walker: Walker, node: "Node", context: Context) -> None:
    text = text_of(node, 4000)
    if found := _OFFSET.search(text):
        line = node.start_point.row + 1 + text[: found.start()].count("\n")
        walker.file.texts.append((line, "offset", context.function))
    if "{" in text:
        walker.children(node, context.plain)


def _await(walker: Walker, node: "Node", context: Context) -> None:
    walker.children(node, context.but(awaited=True))


def _return(walker: Walker, node: "Node", context: Context) -> None:
    walker.children(node, context.plain.but(returned=True))


def _passing(walker: Walker, node: "Node", context: Context) -> None:
    walker.children(node, context)


def _skip(walker: Walker, node: "Node", context: Context) -> None:
    """Comments and names run nothing."""


_HANDLERS = {
    "import_statement": _import,
    "import_from_statement": _import,
    "decorated_definition": _decorated,
    "function_definition": _function,
    "lambda": _lambda,
    "class_definition": _class,
    "assignment": _assignment,
    "augmented_assignment": _assignment,
    "call": _call,
    "subscript": _subscript,
    "for_statement": _for,
    "while_statement": _while,
    "list_comprehension": _comprehension,
    "set_comprehension": _comprehension,
    "dictionary_comprehension": _comprehension,
    "generator_expression": _comprehension,
    "attribute": _attribute,
    "string": _string,
    "await": _await,
    "return_statement": _return,
    "parenthesized_expression": _passing,
    "block": _passing,
    "expression_statement": _passing,
    "comment": _skip,
    "type": _skip,
}
