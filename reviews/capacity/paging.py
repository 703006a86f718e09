"""What a deep page costs where a list is read by OFFSET: rows read to show it, and to read all pages up to it.

Only where pg_stat_statements tells how many rows a page shows, and a log or the table how deep pages go.
"""

import math
from typing import Any

from reviews.capacity.formulas.offset import by_key, by_offset, of_one_page
from telemetry.evidence import EvidenceSet
from telemetry.rules.numbers import largest
from telemetry.rules.statements import SMALL_TABLE_ROWS, STAT, Statement, statements, table_rows

Machine = dict[str, Any]
DEEPEST, LAST = "the deepest page that was asked for", "the last page"


def paging_of(evidence: EvidenceSet) -> list[Machine]:
    """A row for each list, the one that reads most first; small tables are left out.

    `page` is the page spoken of and `which` it is: the deepest asked for where one list alone is paged, else the last
    page of a list without conditions. `rows_for_it`, `rows_up_to_it` and `rows_by_key` are what reading takes.
    """
    lists = [found for found in statements(evidence) if _is_list(found)]
    tables = table_rows(evidence)
    asked = largest(evidence.of("http.route"), "query_page_max") if len(lists) == 1 else None
    rows = []
    for found in lists:
        live = tables[found.main_table].metrics.get("live", 0.0) if found.main_table in tables else 0.0
        size = found.number(STAT, "rows_per_call") or 0.0
        if size < 1 or live < SMALL_TABLE_ROWS:
            continue
        last = math.ceil(live / size)
        if asked is not None:
            rows.append(_row(found, size, min(asked.metrics["query_page_max"], last), DEEPEST))
        elif not (found.attrs.get("equality") or found.attrs.get("ranges") or len(found.tables) > 1):
            rows.append(_row(found, size, last, LAST))
    return sorted((row for row in rows if row["page"] > 1), key=lambda row: -row["rows_up_to_it"])


def _is_list(found: Statement) -> bool:
    return found.verb == "SELECT" and found.has("offset") and not found.has("aggregate") and found.stat is not None


def _row(found: Statement, size: float, page: float, which: str) -> Machine:
    return {
        "table": found.main_table,
        "statement": found.fingerprint,
        "page_rows": size,
        "page": page,
        "which": which,
        "rows_for_it": of_one_page(size, page),
        "rows_up_to_it": by_offset(size, page),
        "rows_by_key": by_key(size, page),
    }
