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
_SELECTS = ("sqlalchemy", "sqlmodel")
_REPOSITORY = re.compile(r"(?:Tree)?Repository<\s*(\w+)")
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
    if call.new or call.inner or call.last == "none":
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
    if last in _TYPEORM and (model := _typeorm(call, parts)):
        return Query(call, model, last, "typeorm")
    return None


def _typeorm(call: Call, parts: list[str]) -> str:
    """The entity of a repository of TypeORM, "" when the owner is none: by its maker, its type or its name."""
    if len(parts) < 2:
        return ""
    owner = ".".join(parts[:-1])
    if parts[-2] == "getRepository":
        return _argument(call, "getRepository")
    made = call.file.made_for(call, owner) if len(parts) <= 3 else None
    if made is not None and made.last == "getRepository":
        return made.args[0].text[:60] if made.args and isinstance(made.args[0], Ref) else "?"
    member = call.file.member(call, parts[1]) if parts[0] == "this" and len(parts) == 3 else None
    if member is not None and (found := _REPOSITORY.match(member.type)):
        return found[1]
    is_named = parts[-2].lower().endswith("repository") and len(parts[-2]) > 10
    return parts[-2][:-10] if is_named and (member is None or "Repository" in member.type) else ""


def _python(call: Call) -> Query | None:
    parts = call.name.split(".")
    if "objects" in parts[1:]:
        at = parts.index("objects", 1)
        operation = next((part for part in reversed(parts[at + 1 :]) if part not in LAZY), parts[-1])
        return Query(call, parts[at - 1], operation, "django")
    if call.head == "select" and is_select(call):
        model = _argument(call, "select")
        return Query(call, _argument(call, "select_from") if model == "func" else model, "select", "sqlalchemy")
    if "query" in parts and parts[-1] in ("all", "first", "one", "one_or_none", "count", "scalar", "get"):
        return Query(call, _argument(call, "query"), parts[-1], "sqlalchemy")
    if parts[-1] in ("execute", "scalars", "scalar") and len(parts) >= 2 and "session" in parts[-2].lower():
        return None if _runs_select(call) else Query(call, "", "execute", "sqlalchemy")
    return None


def _runs_select(call: Call) -> bool:
    """Whether what is run is a `select()` that is a query where it is built: each is counted once."""
    head = re.match(r"\w+", getattr(call.args[0], "text", "")) if call.args else None
    if head is None:
        return False
    made = call.file.made_for(call, head[0])
    return (head[0] == "select" and is_select(call)) or (made is not None and made.head == "select" and is_select(made))


def is_select(call: Call) -> bool:
    """Whether a chain begins with SQLAlchemy's or SQLModel's `select()`."""
    found = call.file.imports.get("select")
    return found is not None and found.module.startswith(_SELECTS)


def _argument(call: Call, step: str) -> str:
    """The model that an earlier step of the chain was given: `orders` of `db.select().from(orders).limit(5)`."""
    for one in (call, *chain_of(call)):
        if one.last == step and one.args and isinstance(one.args[0], Ref):
            return one.args[0].text.partition(".")[0][:60]
    return ""


def chain_of(call: Call) -> list[Call]:
    """The inner calls of a chain: those whose name the call's name goes on from. All begin where the chain begins."""
    return [
        one
        for one in call.file.inner_at(call.line)
        if one.function is call.function and call.name.startswith(f"{one.name}.")
    ]
