"""Code and database side by side: which table a model of the code is, and how large it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.places import CITED, names, places
from telemetry.rules.statements import table_rows

_ENDINGS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("s", ""))


def stem(name: str) -> str:
    """A name without case, underscores and plural, well enough for English: order_items and OrderItem are one."""
    flat = re.sub(r"[^a-z0-9]", "", name.rpartition(".")[2].lower())
    for plural, singular in _ENDINGS:
        if flat.endswith(plural) and not flat.endswith("ss"):
            return flat[: -len(plural)] + singular
    return flat


class Tables:
    """Finds the statistics of the table behind a model: by the schema's word for it, by its name, or by its end."""

    def __init__(self, evidence: EvidenceSet) -> None:
        self._rows = table_rows(evidence)
        self._stems: dict[str, list[str]] = {}
        for table in self._rows:
            self._stems.setdefault(stem(table), []).append(table)
        self._models = {
            stem(str(row.attrs["model"])): row.subject for row in evidence.of("schema.table") if row.attrs.get("model")
        }

    def of(self, model: str) -> Evidence | None:
        """The row of pg_stat_user_tables, None when there is none or when several would fit."""
        wanted = stem(model)
        if (table := self._models.get(wanted)) in self._rows and table is not None:
            return self._rows[table]
        found = self._stems.get(wanted) or [
            # Django writes the application before it: shop_order is the model Order of shop.
            table
            for table in self._rows
            if stem(table.partition("_")[2]) == wanted
        ]
        return self._rows[found[0]] if len(found) == 1 else None


@dataclass(frozen=True)
class OnLargeTable:
    """A smell on a table that is known to be large. Call it as a rule's check.

    Where `seen_by`, the rule about statements, has a finding about the table, the places in code join that finding.
    Otherwise one hit a table over the limit of live rows. `said` may hold {table}, {rows}, {limit} and {where}.
    """

    smell: str
    seen_by: Rule
    title: str
    said: str

    def __call__(self, evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
        tables, known = Tables(evidence), findings_by_table(self.seen_by, evidence)
        unsized: list[str] = []
        for model, found in by_model(evidence, self.smell).items():
            row = tables.of(model)
            finding = known.get(stem(row.subject if row else model))
            if finding is not None:
                yield joined(finding, found, self.smell)
            elif row is None or "live" not in row.metrics:
                unsized.append(model)
            elif row.metrics["live"] > threshold.value:
                yield self._hit(row, found, threshold.value)
        if unsized:
            yield CannotTell(f"pg_stat_user_tables: how large the tables of {', '.join(unsized[:5])} are")

    def _hit(self, row: Evidence, found: list[Evidence], limit: float) -> Hit:
        told = Told()
        said = self.said.format(
            table=row.subject, rows=told(row, "live"), limit=shown(limit, "1"), where=found[0].subject
        )
        for one in found[:CITED]:
            told.also(one, self.smell)
        return Hit(
            subject=Subject("query", f"{self.smell.replace('_', ' ')} on {row.subject}"),
            title=self.title.format(table=row.subject),
            said=said,
            cites=told.cites,
            limit=limit,
            tables=(row.subject,),
            routes=names(found, "routes"),
        )


def by_model(evidence: EvidenceSet, smell: str) -> dict[str, list[Evidence]]:
    """The places of a smell by the model they ask for; those of which it is not known are left out."""
    groups: dict[str, list[Evidence]] = {}
    for row in places(evidence, smell):
        if model := str(row.attrs.get("table") or ""):
            groups.setdefault(stem(model), []).append(row)
    return {str(rows[0].attrs["table"]): rows for rows in groups.values()}


def findings_by_table(rule: Rule, evidence: EvidenceSet) -> dict[str, Hit]:
    """What a rule about statements found, by its first table."""
    hits = [answer for answer in rule.check(evidence, rule.threshold) if isinstance(answer, Hit) and answer.tables]
    return {stem(hit.tables[0]): hit for hit in reversed(hits)}


def joined(finding: Hit, found: list[Evidence], smell: str) -> Hit:
    """The finding with the places in code that make it: the same subject, so that the two are one."""
    told = Told()
    for row in found[:CITED]:
        told.also(row, smell)
    routes = tuple(dict.fromkeys((*finding.routes, *names(found, "routes"))))
    said = f"{finding.said} In the code it is {found[0].subject}."
    return replace(finding, said=said, cites=(*finding.cites, *told.cites), routes=routes)
