"""A database, Redis or queue client made inside a function that answers requests: new connections each time."""

import re
from collections.abc import Iterator

from telemetry.source_code.model import Call
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell, Verdict, at_call
from telemetry.source_code.survey import Survey, is_script

# Name of the constructor -> packages it comes from, and what it connects to.
_NODE = {
    "PrismaClient": (("@prisma/client", "prisma"), "database"),
    "Pool": (("pg", "@neondatabase/serverless", "mysql2", "@vercel/postgres"), "database"),
    "Client": (("pg",), "database"),
    "Sequelize": (("sequelize",), "database"),
    "DataSource": (("typeorm",), "database"),
    "MongoClient": (("mongodb",), "database"),
    "Redis": (("ioredis",), "redis"),
    "IORedis": (("ioredis",), "redis"),
    "createClient": (("redis",), "redis"),
    "Queue": (("bullmq", "bull"), "queue"),
    "QueueEvents": (("bullmq",), "queue"),
    "FlowProducer": (("bullmq",), "queue"),
}
_PYTHON = {
    "psycopg.connect": "database",
    "psycopg2.connect": "database",
    "pymysql.connect": "database",
    "asyncpg.connect": "database",
    "asyncpg.create_pool": "database",
    "create_engine": "database",
    "create_async_engine": "database",
    "sqlalchemy.create_engine": "database",
    "redis.Redis": "redis",
    "redis.StrictRedis": "redis",
    "redis.from_url": "redis",
    "Redis.from_url": "redis",
    "MongoClient": "database",
    "Celery": "queue",
}


def check(survey: Survey) -> Iterator[Judged]:
    """Every client: at the top of a module it is made once; in a function that a request or job runs, each time."""
    for file in survey.repository:
        if is_script(file.path):
            continue
        for call in file.calls:
            connects = client_of(call)
            if connects is None:
                continue
            entries = survey.entries_of.get(call, [])
            if call.function is None:
                yield at_call(CLEAR, call, [], client=call.last, connects=connects)
            elif entries:
                yield at_call(_verdict(call), call, entries, client=call.last, connects=connects)


def client_of(call: Call) -> str | None:
    """What a call connects to ("database", "redis", "queue"), None when it makes no client."""
    if call.file.language == "python":
        return _PYTHON.get(call.name)
    known = _NODE.get(call.last)
    if known is None or not (call.new or call.last == "createClient"):
        return None
    packages, connects = known
    found = call.file.imports.get(call.head)
    generated = call.last == "PrismaClient" and found is not None and "prisma" in found.module
    return connects if generated or (found is not None and found.module in packages) else None


def _verdict(call: Call) -> Verdict:
    """Kept beyond the call is fine: `globalThis.prisma ??= new PrismaClient()`, `if (!pool) pool = new Pool()`."""
    function = call.function
    if call.operator in ("??=", "||=", "??", "||"):
        return CLEAR
    if function is not None and any(re.search(r"cache|memo|once|singleton", one.name) for one in function.decorators):
        return CLEAR
    if call.target.startswith(("globalThis", "global.", "this.", "self.", "app.state")):
        return UNKNOWN if call.target.startswith(("this.", "self.")) else CLEAR
    if call.target in call.file.value_lines and call.operator == "=":
        return CLEAR
    text = function.text if function is not None else ""
    if (
        call.operator == "="
        and call.file.language != "python"
        and not re.search(rf"\b(?:let|var)\s+{call.target}\b", text)
    ):
        return CLEAR  # assigned to a name of the module
    if re.search(rf"\bglobal\s+[^\n]*\b{re.escape(call.target or '?')}\b|globalThis|global\.", text):
        return CLEAR
    return UNKNOWN if call.given_to is not None and re.search(r"cache|memo|once|singleton", call.given_to.name) else HIT


SMELL = Smell("client_per_request", "a client is made for each request instead of once", check)
