"""The code finds pages of a large table by skipping rows."""

from telemetry.rules.base import Effort, Rule, Threshold
from telemetry.rules.code_tables import OnLargeTable
from telemetry.rules.places import NEEDS_CODE
from telemetry.rules.postgres import offset_pagination

check = OnLargeTable(
    "offset_pagination",
    offset_pagination.RULE,
    "Pages of {table} skip rows",
    "{where} finds pages of {table} by skipping rows, and the table holds {rows} of them (limit {limit}): the last "
    "page "
    "reads the whole table.",
)

RULE = Rule(
    id="PG082",
    slug="pages-by-skipping",
    area="postgres",
    mechanism="offset-pagination",
    title="Code pages a large table by skipping",
    needs=NEEDS_CODE,
    threshold=Threshold(
        100_000,
        "1",
        "Skipping costs what reading costs; above a hundred thousand rows the last pages take a noticeable time.",
        "House limit; Use The Index, Luke, No Offset",
    ),
    degradation=0.3,
    why=offset_pagination.RULE.why,
    fix=offset_pagination.RULE.fix,
    first_slice=offset_pagination.RULE.first_slice,
    effort=Effort(0.5, 1, 3),
    removes=0.9,
    verify="The last page takes as long as the first.",
    rollback=offset_pagination.RULE.rollback,
    references=(
        "Use The Index, Luke, No Offset https://use-the-index-luke.com/no-offset",
        "Prisma, Pagination https://www.prisma.io/docs/orm/prisma-client/queries/pagination",
    ),
    check=check,
)
