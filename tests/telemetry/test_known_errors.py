"""Errors that name their cause do so in the words of many drivers, and are found in each way they are logged."""

import pytest

from telemetry.known_errors import CAUSES, causes_in, may_tell

SAID = {
    "Timed out fetching a new connection from the connection pool. (connection limit: 5)": "pool_timeout",
    "TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out": "pool_timeout",
    "Knex: Timeout acquiring a connection. The pool is probably full.": "pool_timeout",
    "HikariPool-1 - Connection is not available, request timed out after 30000ms.": "pool_timeout",
    "could not obtain a connection from the pool within 5.000 seconds": "pool_timeout",
    "timeout exceeded when trying to connect": "pool_timeout",
    "FATAL: sorry, too many clients already": "connections_refused",
    "remaining connection slots are reserved for non-replication superuser connections": "connections_refused",
    'too many connections for role "app"': "connections_refused",
    "ERROR: deadlock detected": "deadlock",
    "Deadlock found when trying to get lock; try restarting transaction": "deadlock",
    "canceling statement due to lock timeout": "lock_timeout",
    "ReplyError: OOM command not allowed when used memory > 'maxmemory'.": "redis_full",
    "ERR max number of clients reached": "redis_clients",
    "OSError: [Errno 28] No space left on device": "disk_full",
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory": "out_of_memory",
}


@pytest.mark.parametrize(("text", "cause"), SAID.items())
def test_a_cause_is_known_by_its_words(text: str, cause: str) -> None:
    assert list(causes_in(f"Error: {text} at /app/x.js")) == [cause]


def test_every_cause_has_words() -> None:
    assert set(SAID.values()) == set(CAUSES)


@pytest.mark.parametrize(
    "text",
    [
        "server closed the connection unexpectedly",
        "connection to api.example timed out",
        "out of stock",
        "lock acquired",
    ],
)
def test_other_errors_name_none(text: str) -> None:
    assert causes_in(text) == {}


@pytest.mark.parametrize("text", SAID)
def test_the_cheap_question_is_never_wrongly_no(text: str) -> None:
    assert may_tell(text)
