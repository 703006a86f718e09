"""A fixed pool of PostgreSQL connections shared by the service's threads."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import LifoQueue
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]


def first(connection: psycopg.Connection[Row], sql: LiteralString, values: Sequence[object] = ()) -> Row:
    """Return the first row of a statement that always has one; LookupError when it has none."""
    row = connection.execute(sql, values).fetchone()
    if row is None:
        raise LookupError(sql)
    return row


class Pool:
    """`size` connections, opened at once; a request waits when all are leased."""

    def __init__(self, dsn: str, size: int) -> None:
        self._idle: LifoQueue[psycopg.Connection[Row]] = LifoQueue()
        for _ in range(size):
            connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row, application_name="harbor-web")
            self._idle.put(connection)

    @contextmanager
    def lease(self) -> Iterator[psycopg.Connection[Row]]:
        connection = self._idle.get()
        try:
            yield connection
        finally:
            self._idle.put(connection)
