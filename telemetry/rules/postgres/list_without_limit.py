"""The code reads a large table as a list without a limit."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.code_tables import OnLargeTable
from telemetry.rules.places import NEEDS_CODE
from telemetry.rules.postgres import unbounded_query

check = OnLargeTable(
    "unbounded_query",
    unbounded_query.RULE,
    "{table} is listed without a limit",
    "{where} lists {table} without a limit while a visitor waits, and the table holds {rows} rows (limit {limit}).",
)

RULE = Rule(
    id="PG081",
    slug="list-without-limit",
    area="postgres",
    mechanism="unbounded-query",
    title="Code lists a large table without limit",
    needs=NEEDS_CODE,
    threshold=Threshold(
        10_000,
        "1",
        "A filter may narrow the list today; on a table above ten thousand rows nothing promises that it will "
        "tomorrow.",
        "House limit; Supabase API settings give at most 1,000 rows",
    ),
    degradation=0.3,
    why=unbounded_query.RULE.why,
    fix=(
        "Open the place in the code that is quoted, and find what is shown of the list.",
        "Add a limit with an order, and let the page ask for more by the last key seen.",
        "Move exports to a background job that reads in batches.",
    ),
    first_slice=FirstSlice("Put a limit of 1,000 on the list and log when it is reached", 3),
    effort=Effort(0.25, 0.75, 2),
    removes=0.9,
    verify="No request of the route returns more rows than a page shows.",
    rollback="Remove the limit; nothing is stored by it.",
    references=(
        "Prisma, Pagination https://www.prisma.io/docs/orm/prisma-client/queries/pagination",
        "Django, Pagination https://docs.djangoproject.com/en/5.2/topics/pagination/",
    ),
    check=check,
)
