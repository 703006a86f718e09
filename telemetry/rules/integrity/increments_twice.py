"""A sum grows with each delivery of an event, and events come twice."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.code_tables import stem
from telemetry.rules.numbers import Told
from telemetry.rules.places import NEEDS_CODE, places
from telemetry.rules.statements import LOG, STAT, Statement, statements

SMELL = "webhook_without_dedupe"
# SET balance = balance + $1, with or without quotes, the table's name and brackets.
_ADDS = re.compile(r'"?(\w+)"?\s*=\s*\(?\s*(?:"?\w+"?\.)*"?\1"?\s*\+', re.I)
# A counter of versions or attempts may well count twice.
_HARMLESS = re.compile(r"version|attempt|retr|view|visit|hits|seen|count\Z|clicks", re.I)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A handler that keeps no ids writes a table, and the database shows a column of it being added to."""
    found = places(evidence, SMELL, threshold.value)
    if not found:
        return
    written = written_by_route(evidence)
    adding = [one for one in statements(evidence) if one.verb == "UPDATE" and column_added_to(one)]
    if not adding and not (evidence.has(STAT, "calls") or evidence.has(LOG, "count")):
        yield CannotTell("pg_stat_statements: whether a sum grows with each delivery")
        return
    seen: set[str] = set()
    for smell in found:
        for one in adding:
            if stem(one.main_table) in written.get(smell.subject, set()) and one.main_table not in seen:
                seen.add(one.main_table)
                yield _hit(smell, one, threshold.value)


def written_by_route(evidence: EvidenceSet) -> dict[str, set[str]]:
    """The tables that each route writes, as stems."""
    return {
        row.subject: {stem(str(name)) for name in row.attrs.get("written") or ()} for row in evidence.of("code.use")
    }


def column_added_to(statement: Statement) -> str:
    """The first column that a statement adds to itself; "" for counters that nobody pays by."""
    text = statement.text.partition(" SET ")[2] or statement.text
    names = (found[1] for found in _ADDS.finditer(text))
    return next((name for name in names if not _HARMLESS.search(name)), "")


def _hit(smell: Evidence, statement: Statement, limit: float) -> Hit:
    told = Told()
    row = statement.stat or statement.log
    told.also(smell, SMELL)
    times = f", {told(row, 'calls' if 'calls' in row.metrics else 'count')} times so far" if row is not None else ""
    said = (
        f"{smell.subject} keeps no id of the events it has seen and writes {statement.main_table}, where "
        f"{column_added_to(statement)} is added to{times}: an event that comes again is added again."
    )
    return Hit(
        subject=Subject("table", statement.main_table),
        title=f"{statement.main_table} may count events twice",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=(statement.main_table,),
        routes=(smell.subject,),
        snippet="CREATE TABLE ledger_entries (event_id text PRIMARY KEY, amount_cents bigint NOT NULL, at "
        "timestamptz NOT "
        "NULL DEFAULT now())",
    )


RULE = Rule(
    id="IN010",
    slug="increments-twice",
    area="integrity",
    mechanism="double-counting",
    title="A sum may count events twice",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "A sum that grows with each delivery is wrong after the first second delivery, and cannot be put right from "
        "itself.",
        "Stripe, Handle duplicate events",
    ),
    degradation=1.0,
    why="A balance, a stock or a revenue figure drifts away from the truth without an error, and nobody can tell by "
    "how "
    "much.",
    fix=(
        "Write one row for each event, with the event's id as a unique key, and add the rows up.",
        "Where the sum has to be kept, change it in the transaction that inserts the row.",
        "Compare the sum with the provider's own figures for the last three months.",
    ),
    first_slice=FirstSlice("Insert the event's id in the transaction that adds", 4),
    effort=Effort(0.5, 1.5, 4),
    removes=0.9,
    verify="An event that is sent again leaves the sum unchanged, and the daily comparison shows no difference.",
    rollback="Skip the insert; the rows may stay.",
    references=(
        "Stripe, Handle duplicate events https://docs.stripe.com/webhooks#handle-duplicate-events",
        "PostgreSQL, INSERT ON CONFLICT https://www.postgresql.org/docs/current/sql-insert.html",
    ),
    check=check,
)
