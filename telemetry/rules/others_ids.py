"""Ids that others gave: a payment's, a charge's or an event's id at a provider, told by the names of column and table.

A table that holds one row for each of them takes the same payment twice unless the database keeps the id unique. An id
that points to a table of the client's own is none: several rows may share it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.code_tables import stem
from telemetry.rules.schema import schema_tables

_PROVIDERS = (
    *("stripe", "paypal", "adyen", "braintree", "square", "mollie", "razorpay", "klarna", "paddle", "gocardless"),
    *("worldpay", "shopify", "provider", "processor", "gateway", "psp", "external", "remote"),
)
_NAME = re.compile(rf"(?:(?P<by>{'|'.join(_PROVIDERS)})_)?(?P<what>\w+?)??_?(?P<end>id|ref|reference)?")
# Whatever it is, an id of the outside world says which row is meant; "provider_id" says which provider.
_OUTSIDE = frozenset({"external", "remote"})
_PAYMENT = frozenset(
    {"payment", "payment_intent", "charge", "transaction", "txn", "capture", "checkout", "checkout_session"}
)
# What a table holds one row of, and the ids of which each names one such row.
_ONE_EACH: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("order", "purchase", "sale", "booking", "donation", "deposit", "invoice", "payment"), _PAYMENT),
    "charge": frozenset({"charge", "payment_intent", "transaction", "txn"}),
    "transaction": frozenset({"transaction", "txn"}),
    "refund": frozenset({"refund"}),
    "payout": frozenset({"payout", "transfer"}),
    "transfer": frozenset({"transfer", "payout"}),
    "subscription": frozenset({"subscription"}),
    "customer": frozenset({"customer"}),
    "dispute": frozenset({"dispute"}),
}
_MONEY = frozenset(_ONE_EACH) - {"customer"}
_EVENTS = frozenset({"event", "webhook", "callback", "notification", "inbox"})
_EVENT_IDS = frozenset({"event", "webhook", "webhook_event", "notification"})
_TEXT = frozenset({"text", "varchar", "char", "bpchar", "citext", "String"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name in lower case with underscores, and its type."""

    name: str
    type: str


def snake(name: str) -> str:
    """orderItems and OrderItems as order_items."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def holds_others_id(evidence: EvidenceSet, table: Evidence, column: str) -> bool:
    """Whether the column holds an id that others gave, of which the table should hold one row each."""
    kind = next((str(one.get("type")) for one in table.attrs.get("columns") or () if one["name"] == column), "")
    named = _named(snake(column), snake(table.subject.rsplit(".", 1)[-1]))
    return bool(named) and not _is_own(evidence, table, Column(snake(column), kind), named)


def _named(column: str, table: str) -> str:
    """What the id names ("payment", or the column itself where it does not say), "" where it is no such id."""
    found = _NAME.fullmatch(column)
    if found is None or not (found["by"] or found["end"]):
        return ""
    what, words = found["what"] or "", table.split("_")
    holds = stem(words[-1])
    if not what:
        outside = found["by"] in _OUTSIDE or found["end"] in ("ref", "reference")
        return column if found["by"] and outside and holds in _MONEY else ""
    if what in _ONE_EACH.get(holds, ()):
        return what
    sent = found["by"] or "webhook" in map(stem, words) or any(word in _PROVIDERS for word in words)
    return what if sent and holds in _EVENTS and what in _EVENT_IDS else ""


def _is_own(evidence: EvidenceSet, table: Evidence, column: Column, named: str) -> bool:
    """Whether it points to a table of the client's own; numbers and uuids of a part of a schema may always do so.

    What is named after a provider is the provider's, unless a foreign key says otherwise.
    """
    for key in evidence.of("schema.foreign_key"):
        if key.attrs.get("table") == table.subject and column.name in map(snake, key.attrs.get("columns") or ()):
            return True
    if column.name.startswith(_PROVIDERS):
        return False
    own = {stem(name) for name in schema_tables(evidence)} | {stem(row.subject) for row in evidence.of("pg.table")}
    if stem(named) in own - {stem(table.subject)}:
        return True
    return column.type.split("(")[0] not in _TEXT and not table.attrs.get("whole")
