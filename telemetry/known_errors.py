"""Errors whose words say what is wrong, as drivers, pools and servers put them: one cause each, whoever logged them.

Texts after the sources of node-postgres, Prisma (P2024, P2037), SQLAlchemy, HikariCP, Active Record, Knex, Sequelize,
PostgreSQL (53300, 40P01, 55P03, 53100), MySQL, Redis and Node.js.
"""

import re

_WORDS = {
    "pool_timeout": r"new connection from the connection pool|\bP2024\b|QueuePool limit of size|acquiring a connection"
    r"|ConnectionAcquireTimeout|HikariPool-\d+ - Connection is not available"
    r"|could not obtain a (?:database )?connection|exceeded when trying to connect"
    r"|query_wait_timeout|MaxClientsInSessionMode",
    "connections_refused": r"sorry,? too many clients already|connection slots are reserved|too many connections for "
    r"(?:role|database)|\bP2037\b|too many database connections|ER_CON_COUNT_ERROR",
    "deadlock": r"deadlock detected|\b40P01\b|[Dd]eadlock found when trying to get lock",
    "lock_timeout": r"due to lock timeout|\b55P03\b|Lock wait timeout exceeded",
    "redis_full": r"OOM command not allowed",
    "redis_clients": r"max number of clients reached",
    "disk_full": r"[Nn]o space left on device|\bENOSPC\b",
    "out_of_memory": r"heap out of memory|java\.lang\.OutOfMemoryError|\bOOMKilled\b",
}
CAUSES = tuple(_WORDS)
PATTERN = "|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items())
_KNOWN = re.compile(PATTERN)
# One of these stands in every text above; asking for them first is much cheaper than the expression.
HINTS = (
    "onnection", "trying to connect", "lients", "P20", "QueuePool", "query_wait", "CON_COUNT", "eadlock", "40P01",
    "Lock wait", "lock timeout", "55P03", "OOM", "OutOfMemory", "heap out", "space left", "ENOSPC",
)  # fmt: skip
_SEARCHED = 4_000


def may_tell(text: str) -> bool:
    """Whether a text may name a cause: cheap, and never wrongly no."""
    for hint in HINTS:  # noqa: SIM110 - every message of a log is asked, and any() takes half as long again
        if hint in text:
            return True
    return False


def causes_in(text: str) -> dict[str, str]:
    """The causes that a text names, each with the words that do."""
    start = text[:_SEARCHED]
    if not may_tell(start):
        return {}
    return {str(found.lastgroup): found[0] for found in _KNOWN.finditer(start)}
