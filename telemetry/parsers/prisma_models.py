"""Models of a Prisma schema as tables, keys and indexes under the names that the database knows."""

import re
from collections.abc import Iterator

from telemetry.parsers.prisma_blocks import Block
from telemetry.parsers.schema_model import Column, ForeignKey, Index, Schema, Spot, Table

_FIELD = re.compile(r"(\w+)\s+(\w+)(?:\([^)]*\))?(\?|\[\])?(?=\s|@|\Z)\s*(.*)\Z", re.S)
_ATTRIBUTE = re.compile(r"@@?(?:\w+\.)?\w+")
_NATIVE = re.compile(r"@db\.(\w+)")
_NAME = re.compile(r'(?:\bmap:\s*|\A\s*)"((?:[^"\\]|\\.)*)"')
# What PostgreSQL gets for a scalar: https://www.prisma.io/docs/orm/overview/databases/postgresql
_TYPES = {
    "String": "text",
    "Boolean": "bool",
    "Int": "int4",
    "BigInt": "int8",
    "Float": "float8",
    "Decimal": "numeric",
    "DateTime": "timestamp",
    "Json": "jsonb",
    "Bytes": "bytea",
}
_NATIVES = {"smallint": "int2", "integer": "int4", "oid": "oid", "doubleprecision": "float8"}
_DELETE = {"NoAction": "no action", "SetNull": "set null", "SetDefault": "set default"}


class Unreadable(Exception):
    """A line of a model that is no field and no attribute."""

    def __init__(self, spot: Spot) -> None:
        super().__init__(spot[1])
        self.spot = spot


def table_names(models: list[Block]) -> dict[str, str]:
    """The table of each model: @@map and @@schema, else the model's own name."""
    names = {}
    for model in models:
        table, schema = model.name, ""
        for _, text in model.entries:
            if (inside := _inside(text, "@@map")) is not None:
                table = _mapped(inside) or table
            elif (inside := _inside(text, "@@schema")) is not None:
                schema = _mapped(inside)
        names[model.name] = f"{schema}.{table}" if schema not in ("", "public") else table
    return names


def column_names(model: Block) -> dict[str, str]:
    """The column of each field: @map, else the field's own name."""
    return {
        found[1]: _mapped(_inside(found[4], "@map") or "") or found[1]
        for _, text in model.entries
        if not text.startswith("@@") and (found := _FIELD.match(text))
    }


def read_model(model: Block, schema: Schema, tables: dict[str, str], columns: dict[str, dict[str, str]]) -> list[Spot]:
    """Add a model to the schema; the lines of it that could not be read."""
    name, own, unread = tables[model.name], columns[model.name], []
    table = schema.tables[name] = Table(name, model.spot, model=model.name)
    for spot, text in model.entries:
        try:
            if text.startswith("@@"):
                _block_attribute(table, spot, text, schema, own)
            else:
                _field(table, spot, text, schema, tables, columns, own)
        except Unreadable as problem:
            unread.append(problem.spot)
    return unread


def _field(
    table: Table,
    spot: Spot,
    text: str,
    schema: Schema,
    tables: dict[str, str],
    columns: dict[str, dict[str, str]],
    own: dict[str, str],
) -> None:
    found = _FIELD.match(text)
    if found is None:
        raise Unreadable(spot)
    name, kind, many, rest = found[1], found[2], found[3], found[4]
    relation = _inside(rest, "@relation")
    if relation is not None and _listed(relation, "fields"):
        _relation(table, spot, kind, relation, many == "?", schema, tables, columns, own)
    if kind in tables or relation is not None:
        return  # the other side of a relation is no column
    column = own.get(name, name)  # two models may have one name by mistake
    table.columns[column] = Column(column, _type(kind, rest) + ("[]" if many == "[]" else ""), many == "?")
    for attribute, primary in (("@id", True), ("@unique", False)):
        if (inside := _inside(rest, attribute)) is not None:
            _add(table, spot, [column], [column], inside, "pkey" if primary else "key", schema, primary, True)


def _type(kind: str, rest: str) -> str:
    native = _NATIVE.search(rest)
    if native is None:
        return _TYPES.get(kind, kind)
    return _NATIVES.get(native[1].lower(), native[1].lower())


def _relation(
    table: Table,
    spot: Spot,
    kind: str,
    relation: str,
    optional: bool,
    schema: Schema,
    tables: dict[str, str],
    columns: dict[str, dict[str, str]],
    own: dict[str, str],
) -> None:
    fields = [own.get(name, name) for name in _listed(relation, "fields")]
    other = columns.get(kind, {})
    action = re.search(r"\bonDelete:\s*(\w+)", relation)
    chosen = action[1] if action else ("SetNull" if optional else "Restrict")
    schema.foreign_keys.append(
        ForeignKey(
            name=_mapped(relation)
            if "map:" in relation
            else f"{table.name.rpartition('.')[2]}_{'_'.join(fields)}_fkey",
            table=table.name,
            columns=fields,
            references=tables.get(kind, kind),
            referenced=[other.get(name, name) for name in _listed(relation, "references")],
            on_delete=_DELETE.get(chosen, chosen.lower()),
            spot=spot,
        )
    )


def _block_attribute(table: Table, spot: Spot, text: str, schema: Schema, own: dict[str, str]) -> None:
    attribute = _ATTRIBUTE.match(text)
    if attribute is None:
        raise Unreadable(spot)
    kind = {"@@id": "pkey", "@@unique": "key", "@@index": "idx"}.get(attribute[0])
    if kind is None:
        return
    inside = _inside(text, attribute[0]) or ""
    parts = list(_parts(inside[inside.find("[") + 1 :]))
    if "[" not in inside or not parts:
        raise Unreadable(spot)
    keys = [own.get(name, name) for name, _ in parts]
    columns = [
        key + (" DESC" if "sort: Desc" in options else "") for key, (_, options) in zip(keys, parts, strict=True)
    ]
    _add(table, spot, keys, columns, inside, kind, schema, kind == "pkey", kind != "idx")


def _add(
    table: Table,
    spot: Spot,
    keys: list[str],
    columns: list[str],
    inside: str,
    suffix: str,
    schema: Schema,
    primary: bool,
    unique: bool,
) -> None:
    method = re.search(r"\btype:\s*(\w+)", inside)
    base = table.name.rpartition(".")[2]
    default = f"{base}_pkey" if primary else f"{base}_{'_'.join(keys)}_{suffix}"
    named = _mapped(inside) if "map:" in inside else ""
    schema.indexes.append(
        Index(
            name=named or default,
            table=table.name,
            columns=columns,
            keys=keys,
            spot=spot,
            unique=unique,
            primary=primary,
            constraint=unique,
            method=method[1].lower() if method else "btree",
        )
    )
    if primary:
        for key in keys:
            if key in table.columns:
                table.columns[key].nullable = False


def _inside(text: str, attribute: str) -> str | None:
    """What stands in the brackets of an attribute, "" when it has none, None when the text lacks the attribute."""
    found = re.search(rf"(?<![\w@.]){re.escape(attribute)}(?![\w.])\s*", text)
    if found is None:
        return None
    if not text[found.end() :].startswith("("):
        return ""
    depth = 0
    for at in range(found.end(), len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return text[found.end() + 1 : at]
    return text[found.end() + 1 :]


def _mapped(inside: str) -> str:
    found = _NAME.search(inside)
    return found[1] if found else ""


def _listed(inside: str, name: str) -> list[str]:
    found = re.search(rf"\b{name}:\s*\[([^\]]*)\]", inside)
    return re.findall(r"\w+", found[1]) if found else []


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Fields of a list up to its end: `a, b(sort: Desc)`."""
    for found in re.finditer(r"\s*(\w+)(?:\.\w+)*(?:\(((?:[^()]|\([^()]*\))*)\))?\s*([,\]])", text):
        yield found[1], found[2] or ""
        if found[3] == "]":
            return
