"""A schema while it is read: tables, keys, indexes, and what later statements change about them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

Spot = tuple[int, str]  # a line of the file and its text


@dataclass(slots=True)
class Column:
    """`type` as PostgreSQL names it without pg_catalog ("int4", "timestamptz"), or as the ORM does."""

    name: str
    type: str
    nullable: bool = True


@dataclass(slots=True)
class Index:
    """`columns` are written out ("total DESC", "lower(email)"); `keys` are the plain column names, "" for others."""

    name: str
    table: str
    columns: list[str]
    keys: list[str]
    spot: Spot
    unique: bool = False
    primary: bool = False
    constraint: bool = False
    method: str = "btree"
    predicate: str = ""
    include: list[str] = field(default_factory=list)

    def covers(self, columns: list[str]) -> bool:
        """Whether rows are found by these columns: they stand first, in any order, and every row is in the index."""
        if self.method not in ("btree", "hash") or (self.predicate and not self._only_nulls_left_out(columns)):
            return False
        return bool(columns) and set(self.keys[: len(columns)]) == set(columns)

    def _only_nulls_left_out(self, columns: list[str]) -> bool:
        return self.predicate.strip("()").upper() in {f"{column} IS NOT NULL".upper() for column in columns}

    @property
    def signature(self) -> tuple[object, ...]:
        """Equal for indexes of which one is enough."""
        return self.table, self.method, tuple(self.columns), tuple(sorted(self.include)), self.predicate


@dataclass(slots=True)
class ForeignKey:
    """Columns of a table that point at another; `referenced` is empty where the target's key is meant."""

    name: str
    table: str
    columns: list[str]
    references: str
    referenced: list[str]
    on_delete: str
    spot: Spot


@dataclass(slots=True)
class Table:
    """A table; `parent` is the table it is a partition of, whose keys and indexes it has."""

    name: str
    spot: Spot
    columns: dict[str, Column] = field(default_factory=dict)
    parent: str = ""
    model: str = ""


@dataclass(slots=True)
class Schema:
    """What the statements so far have made. Names are schema-qualified unless public."""

    tables: dict[str, Table] = field(default_factory=dict)
    indexes: list[Index] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    _by_table: dict[str, list[Index]] = field(default_factory=dict)

    def group(self) -> None:
        """Sort the indexes by table; called once when everything is read, before anything asks for them."""
        self._by_table.clear()
        for index in self.indexes:
            self._by_table.setdefault(index.table, []).append(index)

    def indexes_of(self, table: str) -> list[Index]:
        """The table's own indexes and, for a partition, those of the tables above it."""
        return [index for name in self._line_of(table) for index in self._by_table.get(name, [])]

    def _line_of(self, table: str) -> Iterable[str]:
        seen: set[str] = set()
        while table and table not in seen:
            seen.add(table)
            yield table
            table = self.tables[table].parent if table in self.tables else ""

    def primary_key(self, table: str) -> Index | None:
        """The index of the table's primary key."""
        return next((index for index in self.indexes_of(table) if index.primary), None)

    def drop_table(self, name: str) -> None:
        """Forget a table and everything on it."""
        self.tables.pop(name, None)
        self.indexes = [index for index in self.indexes if index.table != name]
        self.foreign_keys = [key for key in self.foreign_keys if name not in (key.table, key.references)]

    def drop_column(self, table: str, column: str) -> None:
        """Forget a column and the indexes and keys that hold it."""
        if table in self.tables:
            self.tables[table].columns.pop(column, None)
        self.indexes = [index for index in self.indexes if index.table != table or column not in index.keys]
        self.foreign_keys = [key for key in self.foreign_keys if key.table != table or column not in key.columns]

    def drop_named(self, name: str, table: str = "") -> None:
        """Forget an index, or a table's constraint, by name."""
        self.indexes = [index for index in self.indexes if index.name != name or (table and index.table != table)]
        if table:
            self.foreign_keys = [key for key in self.foreign_keys if (key.name, key.table) != (name, table)]

    def rename_table(self, old: str, new: str) -> None:
        """Give a table another name, wherever it stands."""
        if old in self.tables:
            table = self.tables.pop(old)
            table.name = new
            self.tables[new] = table
        parts: list[Index | ForeignKey] = [*self.indexes, *self.foreign_keys]
        for part in parts:
            part.table = new if part.table == old else part.table
        for key in self.foreign_keys:
            key.references = new if key.references == old else key.references
        for table in self.tables.values():
            table.parent = new if table.parent == old else table.parent

    def rename_column(self, table: str, old: str, new: str) -> None:
        """Give a column another name, wherever it stands."""
        if table in self.tables and old in self.tables[table].columns:
            column = self.tables[table].columns.pop(old)
            column.name = new
            self.tables[table].columns[new] = column
        for index in self.indexes:
            if index.table == table:
                at = [number for number, key in enumerate(index.keys) if key == old]
                for number in at:
                    index.columns[number] = index.columns[number].replace(old, new, 1)
                    index.keys[number] = new
        for key in self.foreign_keys:
            if key.table == table:
                key.columns = [new if name == old else name for name in key.columns]
