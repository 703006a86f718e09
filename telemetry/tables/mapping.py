"""A mapping: which column is what. The same fields as a record, as JSON in the database and as a TOML file."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from telemetry.tables.base import Field, Target
from telemetry.tables.shape import MAX_COLUMNS, Table
from telemetry.tables.targets import TARGETS, target_of

ZONES, DECIMALS = ("", "UTC"), ("", ".", ",")
KEYS = ("signature", "files", "target", "zone", "decimal", "currency", "name", "columns")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_SIGNATURE = re.compile(r"[0-9a-f]{32}\Z")


class MappingError(Exception):
    """A mapping file cannot be used. `problems` names every one, each beginning with its key path."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A confirmed mapping.

    `columns` gives a column its field and unit ("Latency" -> "p95_ms:s"); columns that are not in it are not read.
    `signature` is that of the table's header; `files`, a pattern such as "*/grafana-*.csv", takes its place in a file
    that somebody wrote by hand. `said` ends in the words "read with ..." (the mapping of 12 Nov by Ann).
    """

    target: str
    columns: Mapping[str, str]
    signature: str = ""
    files: str = ""
    zone: str = ""
    decimal: str = ""
    currency: str = ""
    name: str = ""
    said: str = ""

    def fits(self, file: str, table: Table) -> bool:
        """Whether a table is one that this mapping was made for."""
        if self.signature:
            return self.signature == table.signature
        named = fnmatchcase(file, self.files) or fnmatchcase(file.rsplit("/", 1)[-1], self.files)
        known = {column.lower() for column in table.columns}
        return named and {column.lower() for column in self.columns} <= known

    def on(self, table: Table) -> "ColumnMap":
        """The same mapping with the table's own writing of the names; those that it does not have stay."""
        names = {column.lower(): column for column in table.columns}
        return replace(self, columns={names.get(name.lower(), name): choice for name, choice in self.columns.items()})

    def facts(self) -> dict[str, Any]:
        """What is stored and compared: all but who said it."""
        names = ("target", "zone", "decimal", "currency", "name")
        return {name: getattr(self, name) for name in names} | {"columns": dict(self.columns)}


def split(choice: str) -> tuple[str, str]:
    """Field and unit of a column's choice: "p95_ms:s" -> ("p95_ms", "s")."""
    name, _, unit = choice.partition(":")
    return name, unit


def problems_of(mapping: ColumnMap, columns: Iterable[str]) -> dict[str, str]:
    """What is wrong with a mapping, by column, or by "target", "currency" ... for the whole; empty when it can be used.

    `columns` are those of the table, or those of the mapping itself where no table is known.
    """
    target = target_of(mapping.target)
    if target is None:
        return {"target": f"Say what the table is; known are {', '.join(entry.id for entry in TARGETS)}."}
    known, problems = set(columns), {}
    for column, choice in mapping.columns.items():
        field = target.field(split(choice)[0])
        if column not in known:
            problems[column] = "The table has no such column."
        elif field is None:
            problems[column] = f"“{choice[:40]}” is nothing that {target.title.lower()} have."
        elif (field.units or split(choice)[1]) and split(choice)[1] not in field.units:
            problems[column] = f"Say the unit of {field.title.lower()}: {', '.join(filter(None, field.units))}."
    return problems | _twice(mapping, target) | _lacking(mapping, target) | _options(mapping)


def _twice(mapping: ColumnMap, target: Target) -> dict[str, str]:
    """A field that only one column can be, given to two."""
    used = Counter(split(choice)[0] for choice in mapping.columns.values())
    single = {field.id for field in target.fields if not field.many}
    return {
        column: "Another column is this already; only one can be."
        for column, choice in reversed(list(mapping.columns.items()))
        if used[split(choice)[0]] > 1 and split(choice)[0] in single
    }


def _lacking(mapping: ColumnMap, target: Target) -> dict[str, str]:
    given = {split(choice)[0] for choice in mapping.columns.values()}
    lacking = [field.title.lower() for field in target.fields if field.required and field.id not in given]
    if lacking:
        return {"columns": f"No column is given for: {'; '.join(lacking)}."}
    if target.one_of and not given & set(target.one_of):
        names = [field.title.lower() for field in target.fields if field.id in target.one_of]
        return {"columns": f"At least one column must be one of these: {'; '.join(names)}."}
    return {}


def _options(mapping: ColumnMap) -> dict[str, str]:
    problems = {}
    if mapping.zone not in ZONES:
        problems["zone"] = "The zone is UTC, or unknown."
    if mapping.decimal not in DECIMALS:
        problems["decimal"] = "The decimal sign is a point or a comma."
    if mapping.currency and not _CURRENCY.match(mapping.currency):
        problems["currency"] = "A currency is three capital letters, such as USD."
    if len(mapping.name) > 80 or not mapping.name.isprintable():
        problems["name"] = "A name has at most 80 characters, on one line."
    return problems


def field_of(mapping: ColumnMap, column: str) -> Field | None:
    """What a column is, None when it is not read."""
    target = target_of(mapping.target)
    return target.field(split(mapping.columns.get(column, ""))[0]) if target else None


# -- TOML -------------------------------------------------------------------------------------------------------------


def parse_mappings(text: str) -> list[ColumnMap]:
    """Read a file with one [[mapping]] or more; MappingError lists every problem with its key path."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise MappingError([f"The file is not valid TOML: {error}"]) from error
    tables = document.get("mapping")
    problems = [f"{key}: unknown key; known is [[mapping]]" for key in document if key != "mapping"]
    if not isinstance(tables, list) or not tables:
        raise MappingError([*problems, "mapping: write one [[mapping]] for each kind of table"])
    found = [_read(table, f"mapping[{at}]", problems) for at, table in enumerate(tables, 1)]
    if problems:
        raise MappingError(problems)
    return found


def _read(table: Any, path: str, problems: list[str]) -> ColumnMap:
    if not isinstance(table, dict):
        problems.append(f"{path}: must be a table")
        return ColumnMap("", {})
    problems += [f"{path}.{key}: unknown key; known are {', '.join(KEYS)}" for key in table if key not in KEYS]
    plain = {key: table[key] for key in KEYS if key in table and key != "columns"}
    problems += [f"{path}.{key}: must be a text" for key, value in plain.items() if not isinstance(value, str)]
    columns = table.get("columns", {})
    if not isinstance(columns, dict) or not all(isinstance(value, str) for value in columns.values()):
        problems.append(f'{path}.columns: must be a table such as "Cost" = "amount"')
        columns = {}
    facts = {key: value for key, value in plain.items() if isinstance(value, str)}
    mapping = ColumnMap(**{"target": "", **facts}, columns=columns)
    if not mapping.signature and not mapping.files:
        problems.append(f'{path}: say which files it is for, by signature or by files = "*.csv"')
    if mapping.signature and not _SIGNATURE.match(mapping.signature):
        problems.append(f"{path}.signature: must be 32 hexadecimal digits")
    if len(columns) > MAX_COLUMNS:
        problems.append(f"{path}.columns: at most {MAX_COLUMNS} columns")
    found = problems_of(mapping, columns)
    problems += [f"{path}.{_key(key, columns)}: {words}" for key, words in found.items()]
    return replace(mapping, said="the mapping that was given")


def _key(key: str, columns: Mapping[str, str]) -> str:
    return f"columns.{_text(key)}" if key in columns else key


def mappings_to_toml(mappings: Sequence[ColumnMap]) -> str:
    """Mappings as TOML that `parse_mappings` reads back."""
    return "\n".join(_table(mapping) for mapping in mappings)


def _table(mapping: ColumnMap) -> str:
    stated = [(name, getattr(mapping, name)) for name in KEYS if name != "columns"]
    lines = ["[[mapping]]", *(f"{name} = {_text(value)}" for name, value in stated if value)]
    columns = [f"{_text(column)} = {_text(choice)}" for column, choice in mapping.columns.items()]
    return "\n".join([*lines, "[mapping.columns]", *columns]) + "\n"


def _text(value: str) -> str:
    # A JSON string is a TOML string; TOML also wants DEL escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
