"""Kinds of evidence about the database's schema, from SQL or from an ORM's own language."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # subject: table (schema-qualified unless public). attrs: columns [{name, type, nullable}], primary_key [column],
    # whole (bool: the file is a dump of the schema, not a step of its history), model (text, Prisma's name) or absent
    "schema.table": {
        "columns": "1",
        "indexes": "1",  # with those of primary keys and unique constraints
        "foreign_keys": "1",
        "without_primary_key": "1",  # 0 or 1
        "int4_key": "1",  # 0 or 1: a single integer key of at most 4 bytes
        "timestamps_without_zone": "1",
    },
    # subject: table(column, ...). attrs: name, table, columns [text], references, referenced [text], on_delete, whole
    "schema.foreign_key": {"columns": "1", "without_index": "1"},  # 0 or 1; absent where the table is not in the file
    # subject: name of the index. attrs: table, columns [text], unique, constraint (bool: of a key or constraint),
    # method, predicate, duplicate_of (name or ""), covered_by (name or ""), whole
    "schema.index": {
        "columns": "1",
        "duplicate": "1",  # 0 or 1: another index has the same columns, order, method and predicate
        "redundant": "1",  # 0 or 1: another index starts with the same columns
    },
    # A change of a table that its file has not created; exactly one metric, 1. subject: table. attrs: change (in
    # words), column (that goes or changes its name, or "")
    "schema.migration": {
        "blocks_writes": "1",  # for as long as it reads the table
        "blocks_all": "1",  # reads too, for as long as it reads the table
        "rewrites": "1",  # and blocks all meanwhile
        "breaks_code": "1",  # what the running release still asks for is gone
        "fails": "1",  # on any table that has rows
    },
}
