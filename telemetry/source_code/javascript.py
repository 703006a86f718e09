"""JavaScript and TypeScript: from a syntax tree to functions, calls, imports and exports."""

import re
from typing import TYPE_CHECKING

from telemetry.source_code.model import Call, Class, Import, Member, Ref, SourceFile, Table
from telemetry.source_code.values import text_of, value_of
from telemetry.source_code.walk import Context, Walker, dotted

if TYPE_CHECKING:
    from tree_sitter import Node

_EACH = frozenset({"map", "forEach", "flatMap", "filter", "reduce", "some", "every", "find", "each"})
_OFFSET = re.compile(r"\bOFFSET\s*(?:\$|\?|:)", re.I)
_TRIES = re.compile(r"<=?\s*(?:this\.)?(?:1?\d|20|\w*(?i:retr|attempt|tries)\w*);?\Z")


def read(file: SourceFile, root: "Node") -> None:
    """Fill a file from its tree."""
    Walker(file, _HANDLERS).walk(root)


def _import(walker: Walker, node: "Node", context: Context) -> None:
    module = _string(node.child_by_field_name("source"))
    for clause in node.named_children:
        if clause.type != "import_clause":
            continue
        for part in clause.named_children:
            if part.type == "identifier":
                walker.file.imports[text_of(part)] = Import(module, "default")
            elif part.type == "namespace_import":
                walker.file.imports[text_of(part.named_children[0])] = Import(module, "*")
            elif part.type == "named_imports":
                _specifiers(walker, part, module)


def _specifiers(walker: Walker, node: "Node", module: str) -> None:
    for part in node.named_children:
        name = text_of(part.child_by_field_name("name"))
        walker.file.imports[text_of(part.child_by_field_name("alias")) or name] = Import(module, name)


def _string(node: "Node | None") -> str:
    value = value_of(node)
    return value if isinstance(value, str) else ""


def _export(walker: Walker, node: "Node", context: Context) -> None:
    source = _string(node.child_by_field_name("source"))
    for clause in node.named_children:
        if clause.type == "export_clause":
            for part in clause.named_children:
                name = text_of(part.child_by_field_name("name"))
                outside = text_of(part.child_by_field_name("alias")) or name
                walker.file.exports[outside] = name
                if source:
                    walker.file.imports.setdefault(name, Import(source, name))
    value = node.child_by_field_name("value")
    if value is not None:
        if value.type == "identifier":
            walker.file.exports["default"] = text_of(value)
        walker.push(value, Context(exported=True, target="default", operator="export"))
    decorators = _decorators(walker, node, context)
    declaration = node.child_by_field_name("declaration")
    if declaration is not None:
        is_default = any(child.type == "default" for child in node.children)
        if is_default:
            walker.file.exports["default"] = text_of(declaration.child_by_field_name("name")) or "default"
        target = "default" if is_default else ""
        walker.push(declaration, Context(exported=True, decorators=decorators, target=target))


def _decorators(walker: Walker, node: "Node", context: Context) -> tuple[Call, ...]:
    """The decorators right before or on a declaration, as calls."""
    return tuple(_decorator(walker, part, context) for part in node.named_children if part.type == "decorator")


def _decorator(walker: Walker, node: "Node", context: Context) -> Call:
    inner = node.named_children[0] if node.named_children else node
    call = _kept(walker, inner, Context())
    arguments = inner.child_by_field_name("arguments")
    if arguments is not None:
        walker.children(arguments, Context(given_to=call))  # what a module of NestJS imports is called in there
    return call


def _declarator(walker: Walker, node: "Node", context: Context) -> None:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if value is None:
        return
    call = value.named_children[0] if value.type == "await_expression" and value.named_children else value
    if call.type == "call_expression" and dotted(call) in ("require", "import"):
        _required(walker, name, call)
    target = text_of(name, 80) if name is not None and name.type == "identifier" else ""
    if target and context.function is None:
        walker.value(target, value, node.start_point.row + 1, value_of(value))
    walker.push(value, context.plain.but(target=target, operator="const", exported=context.exported))


def _required(walker: Walker, name: "Node | None", call: "Node") -> None:
    arguments = call.child_by_field_name("arguments")
    module = _string(arguments.named_children[0]) if arguments is not None and arguments.named_children else ""
    if name is None or not module:
        return
    if name.type == "identifier":
        walker.file.imports[text_of(name)] = Import(module, "*")
    for part in name.named_children:
        if part.type == "shorthand_property_identifier_pattern":
            walker.file.imports[text_of(part)] = Import(module, text_of(part))
        elif part.type == "pair_pattern":
            local = text_of(part.child_by_field_name("value"))
            walker.file.imports[local] = Import(module, text_of(part.child_by_field_name("key")))


def _assignment(walker: Walker, node: "Node", context: Context) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    target = dotted(left)
    operator = text_of(node.child_by_field_name("operator")) or "="
    if context.function is None and target.startswith(("module.exports", "exports.")):
        outside = target.rpartition(".")[2]
        if right is not None and right.type == "identifier":
            walker.file.exports["default" if outside == "exports" else outside] = text_of(right)
        elif right is not None and right.type == "object" and outside == "exports":
            table = value_of(right)
            names = table if isinstance(table, Table) else {}
            walker.file.exports |= {key: v.text for key, v in names.items() if isinstance(v, Ref)}
        target = outside
    elif context.function is None and target.startswith("exports."):
        target = target[8:]
    walker.push(right, context.plain.but(target=target, operator=operator, exported=True))


def _pair(walker: Walker, node: "Node", context: Context) -> None:
    name = text_of(node.child_by_field_name("key"), 80).strip("'\"")
    value = node.child_by_field_name("value")
    is_function = value is not None and value.type in ("arrow_function", "function_expression")
    plain = context.plain
    walker.push(value, plain.but(target=name, operator=":") if is_function else plain)


def _object(walker: Walker, node: "Node", context: Context) -> None:
    """The values of an object are still given to the call that the object is given to."""
    for child in reversed(node.named_children):
        if child.type == "pair":
            value = child.child_by_field_name("value")
            name = text_of(child.child_by_field_name("key"), 80).strip("'\"")
            is_function = value is not None and value.type in ("arrow_function", "function_expression")
            target = name if is_function else ""
            walker.push(value, context.plain.but(given_to=context.given_to, target=target, operator=":"))
        else:
            walker.push(child, context.plain)


def _array(walker: Walker, node: "Node", context: Context) -> None:
    """The entries of a list are given to the call that the list is given to: `Promise.race([fetch(url), late])`."""
    walker.children(node, context.plain.but(given_to=context.given_to, awaited=context.given_to is not None))


def _passing(walker: Walker, node: "Node", context: Context) -> None:
    """Brackets and type assertions change nothing about the value."""
    walker.children(node, context)


def _await(walker: Walker, node: "Node", context: Context) -> None:
    walker.children(node, context.but(awaited=True))


def _return(walker: Walker, node: "Node", context: Context) -> None:
    walker.children(node, context.plain.but(returned=True))


def _choice(walker: Walker, node: "Node", context: Context) -> None:
    """`cache ?? new Client()` and `a ? b : c` still end in the same variable."""
    operator = text_of(node.child_by_field_name("operator")) or "?"
    context = context.but(operator=operator) if context.target and operator in ("??", "||", "?") else context
    walker.children(node, context)


def _function(walker: Walker, node: "Node", context: Context) -> None:
    named = text_of(node.child_by_field_name("name"), 80)
    in_class = node.type == "method_definition" and context.cls is not None
    name = named or context.target
    if not in_class and context.cls is not None and context.function is None and node.type != "arrow_function":
        context = context.but(cls=None)
    function = walker.function(node, name, context)
    parameters = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
    if parameters is not None:
        function.params = tuple(text_of(part, 60) for part in parameters.named_children) or (text_of(parameters, 60),)
        if in_class and named == "constructor" and context.cls is not None:
            _constructed(walker, parameters, context.cls)
    each = context.given_to is not None and context.given_to.last in _EACH
    loop = function.line if each else context.loop if context.given_to else 0
    kind = context.given_to.last if each and context.given_to else context.loop_kind if loop else ""
    body = node.child_by_field_name("body")
    inner = Context(function, None, loop, kind)
    if body is not None and body.type != "statement_block":
        inner = inner.but(returned=True)
    walker.push(body, inner)


def _class(walker: Walker, node: "Node", context: Context) -> None:
    name = text_of(node.child_by_field_name("name"), 80)
    decorators = (*context.decorators, *_decorators(walker, node, context))
    cls = Class(name, node.start_point.row + 1, walker.file, decorators=list(decorators))
    walker.file.classes.setdefault(name, cls)
    body = node.child_by_field_name("body")
    if body is None:
        return
    inside = Context(cls=cls, exported=context.exported)
    pending: list[Call] = []
    members: list[tuple[Node, Context]] = []
    for part in body.named_children:
        if part.type == "decorator":
            pending.append(_decorator(walker, part, context))
            continue
        own = [*pending, *_decorators(walker, part, context)]
        pending = []
        members.append((part, inside.but(decorators=tuple(own))))
    for part, own_context in reversed(members):
        walker.push(part, own_context)


def _constructed(walker: Walker, parameters: "Node", cls: Class) -> None:
    """Parameters of a constructor that are fields of the class: what NestJS and Angular inject."""
    for part in parameters.named_children:
        kept = any(child.type in ("accessibility_modifier", "readonly") for child in part.children)
        if kept:
            _member(cls, part.child_by_field_name("pattern"), part, _decorators(walker, part, Context()))


def _member(cls: Class, name: "Node | None", node: "Node", decorators: tuple[Call, ...]) -> None:
    declared = text_of(node.child_by_field_name("type"), 120).lstrip(": \n")
    if declared or decorators:
        cls.members.setdefault(text_of(name, 80), Member(declared, decorators))


def _field(walker: Walker, node: "Node", context: Context) -> None:
    named = node.child_by_field_name("name") or node.child_by_field_name("property")
    name = text_of(named, 80)
    if context.cls is not None:
        _member(context.cls, named, node, context.decorators)
    walker.push(node.child_by_field_name("value"), context.but(target=f"this.{name}" if name else "", operator="="))


def _call(walker: Walker, node: "Node", context: Context) -> None:
    call = _kept(walker, node, context)
    callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
    arguments = node.child_by_field_name("arguments")
    given = Context(context.function, context.cls, context.loop, context.loop_kind, given_to=call)
    if arguments is not None and arguments.type == "arguments":
        walker.children(arguments, given)
    elif arguments is not None:
        walker.push(arguments, given.plain)  # a tagged template
    while callee is not None and callee.type in ("member_expression", "subscript_expression", "non_null_expression"):
        callee = callee.child_by_field_name("object") or (callee.named_children[0] if callee.named_children else None)
    if callee is not None and callee.type not in ("identifier", "this", "import"):
        walker.push(callee, context.plain.but(inner=True, awaited=context.awaited))


def _kept(walker: Walker, node: "Node", context: Context) -> Call:
    name = dotted(node) if node.type != "new_expression" else dotted(node.child_by_field_name("constructor"))
    call = walker.call(node, name, context)
    call.new = node.type == "new_expression"
    arguments = node.child_by_field_name("arguments") if node.type.endswith("expression") else None
    if arguments is None:
        return call
    if arguments.type == "template_string":
        call.args = [text_of(arguments, 400)]
        return call
    for part in arguments.named_children[:8]:
        if part.type == "spread_element":
            call.open = True
        elif part.type != "comment":
            call.args.append(value_of(part))
    return call


def _for(walker: Walker, node: "Node", context: Context) -> None:
    plain = context.plain
    kind = "while" if node.type in ("while_statement", "do_statement") else "for"
    right = node.child_by_field_name("right")
    if right is not None and right.type == "array":
        kind = "few"  # a list written out has as many entries as one reads
    if _TRIES.search(text_of(node.child_by_field_name("condition"))):
        kind = "few"  # the same is tried again
    body = node.child_by_field_name("body")
    walker.push(body, plain.but(loop=node.start_point.row + 1, loop_kind=kind))
    for child in reversed(node.named_children):
        if body is None or child.start_byte != body.start_byte:
            walker.push(child, plain)


def _statement(walker: Walker, node: "Node", context: Context) -> None:
    first = node.named_children[0] if node.named_children else None
    if first is not None and first.type == "string":
        directive = _string(first)
        if directive in ("use client", "use server"):
            if context.function is None:
                walker.file.directives.add(directive)
            elif directive == "use server":
                context.function.action = True
        return
    walker.children(node, context.plain)


def _template(walker: Walker, node: "Node", context: Context) -> None:
    text = text_of(node, 4000)
    if _OFFSET.search(text):
        found = _OFFSET.search(text)
        line = node.start_point.row + 1 + text[: found.start() if found else 0].count("\n")
        walker.file.texts.append((line, "offset", context.function))
    walker.children(node, context.plain)


def _skip(walker: Walker, node: "Node", context: Context) -> None:
    """Types and comments run nothing."""


_HANDLERS = {
    "import_statement": _import,
    "export_statement": _export,
    "variable_declarator": _declarator,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _assignment,
    "pair": _pair,
    "object": _object,
    "array": _array,
    "parenthesized_expression": _passing,
    "as_expression": _passing,
    "satisfies_expression": _passing,
    "non_null_expression": _passing,
    "lexical_declaration": _passing,
    "variable_declaration": _passing,
    "await_expression": _await,
    "return_statement": _return,
    "binary_expression": _choice,
    "ternary_expression": _choice,
    "function_declaration": _function,
    "generator_function_declaration": _function,
    "function_expression": _function,
    "generator_function": _function,
    "arrow_function": _function,
    "method_definition": _function,
    "class_declaration": _class,
    "abstract_class_declaration": _class,
    "class": _class,
    "public_field_definition": _field,
    "field_definition": _field,
    "call_expression": _call,
    "new_expression": _call,
    "for_statement": _for,
    "for_in_statement": _for,
    "while_statement": _for,
    "do_statement": _for,
    "expression_statement": _statement,
    "template_string": _template,
    "string": _template,
    "type_annotation": _skip,
    "interface_declaration": _skip,
    "type_alias_declaration": _skip,
    "type_arguments": _skip,
    "type_parameters": _skip,
    "comment": _skip,
}
