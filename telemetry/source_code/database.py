"""Which calls are queries: Prisma, Drizzle, Sequelize, TypeORM, Mongoose; Django's ORM and SQLAlchemy."""

import re
from dataclasses import dataclass

from telemetry.source_code.model import Call, Ref

_PRISMA_ONLY = frozenset(
    {"findMany", "findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "createMany", "updateMany"}
    | {"deleteMany", "createManyAndReturn", "groupBy"}
)
_PRISMA = _PRISMA_ONLY | {"create", "update", "delete", "upsert", "count", "aggregate"}
_CLIENT = re.compile(r"prisma|(?:^|_)db\Z|database|^tx\Z|^trx\Z|orm\Z", re.I)
_SEQUELIZE = frozenset({"findAll", "findByPk", "findAndCountAll", "bulkCreate", "findOrCreate"})
_TYPEORM = frozenset({"find", "findOne", "findOneBy", "findBy", "findAndCount", "save", "insert", "update", "delete"})
_WRITES = re.compile(r"create|update|upsert|delete|insert|save|increment|bulk_", re.I)
# Steps of a Django query that ask nothing yet.
LAZY = frozenset({"objects", "filter", "exclude", "all", "order_by", "select_related", "prefetch_related", "annotate"})


@dataclass(frozen=True, slots=True)
class Query:
    """A call that asks the database: the model as the code names it ("" when raw), the operation, which library."""

    call: Call
    model: str
    operation: str
    orm: str

    @property
    def writes(self) -> bool:
        """Whether it changes rows."""
        return bool(_WRITES.search(self.operation))


def query_of(call: Call) -> Query | None:
    """The query a call makes, None when it makes none or nobody can tell."""
    if call.new or call.inner:
        return None
    return _python(call) if call.file.language == "python" else _node(call)


def _node(call: Call) -> Query | None:
    parts = call.name.split(".")
    last = parts[-1]
    if last in _PRISMA and len(parts) >= 3 and parts[-2].isidentifier():
        client = parts[-3]
        drizzle = client == "query"
        if last in _PRISMA_ONLY or _CLIENT.search(client):
            return Query(call, parts[-2], last, "drizzle" if drizzle else "prisma")
    if last.startswith("$queryRaw") or last.startswith("$executeRaw"):
        return Query(call, "", last, "prisma")
    if "select" in parts and "from" in parts and _CLIENT.search(parts[parts.index("select") - 1] or ""):
        return Query(call, _argument(call, "from"), "select", "drizzle")
    if len(parts) >= 2 and parts[1] in ("insert", "update", "delete") and parts[0] in ("db", "tx"):
        return Query(call, _argument(call, parts[1]), parts[1], "drizzle")
    if last in _SEQUELIZE and len(parts) >= 2:
        return Query(call, parts[-2], last, "sequelize")
    if last in _TYPEORM and len(parts) >= 2 and parts[-2].lower().endswith("repository") and len(parts[-2]) > 10:
        return Query(call, parts[-2][:-10], last, "typeorm")
    return None


def _python(call: Call) -> Query | None:
    parts = call.name.split(".")
    if "objects" in parts[1:]:
        at = parts.index("objects", 1)
        operation = next((part for part in reversed(parts[at + 1 :]) if part not in LAZY), parts[-1])
        return Query(call, parts[at - 1], operation, "django")
    if "query" in parts and parts[-1] in ("all", "first", "one", "one_or_none", "count", "scalar", "get"):
        return Query(call, _argument(call, "query"), parts[-1], "sqlalchemy")
    if parts[-1] in ("execute", "scalars", "scalar") and len(parts) >= 2 and "session" in parts[-2].lower():
        return Query(call, "", "execute", "sqlalchemy")
    return None


def _argument(call: Call, step: str) -> str:
    """The model that an earlier step of the chain was given: `orders` of `db.select().from(orders).limit(5)`."""
    for one in (call, *chain_of(call)):
        if one.last == step and one.args and isinstance(one.args[0], Ref):
            return one.args[0].text.partition(".")[0][:60]
    return ""


def chain_of(call: Call) -> list[Call]:
    """The inner calls of a chain: those whose name the call's name goes on from, on the same line or the next few."""
    lines = range(call.line, call.line + 31)
    return [
        one
        for line in lines
        for one in call.file.inner_at(line)
        if one.function is call.function and call.name.startswith(f"{one.name}.")
    ]
