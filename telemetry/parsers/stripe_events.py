"""Stripe events, as `stripe events list` or the API gives them, or one a line: what waits, what came twice.

Objects inside an event hold customers' data and are neither read nor quoted; of an object only its id is compared.
Fields: https://docs.stripe.com/api/events/object
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import blank_lines, quote_member, read_time, settle_lines, widen
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source

HOW = "stripe events list --limit 100 --live > stripe.json"
OLD_S = 3_600
MAX_TYPES = 300
MAX_BYTES = 16 * 1024 * 1024  # about 10,000 events, which are compared with each other
_EVENT = re.compile(r'"object"\s*:\s*"event"')
_KEYS = ("pending_webhooks", "livemode")


@dataclass(slots=True)
class Type:
    """What is known of one type of event."""

    place: Place
    events: int = 0
    pending: int = 0
    pending_old: int = 0
    requested: int = 0  # caused by a call of the API, not by Stripe or its dashboard
    without_key: int = 0
    pending_place: Place | None = None
    key_place: Place | None = None
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    again: int = 0  # the same event, once more


@dataclass(frozen=True, slots=True)
class Event:
    """The parts of an event that are read; `caller` is the id of the API request that caused it, "" when none did."""

    id: str
    type: str
    created: datetime
    pending: int
    caller: str
    key: bool
    subject: str
    parts: dict[str, Member]
    inside: dict[str, Member]


def sniff(head: Head) -> bool:
    """Claim JSON with an event object that counts its pending webhooks."""
    text = head.text.removeprefix("\ufeff").lstrip()
    return text[:1] in ("{", "[") and head.quoted.issuperset(_KEYS) and bool(_EVENT.search(text))


def parse(source: Source) -> ParseResult:
    """One row a type of event and one for all; ParseError when the file holds no event."""
    raw = source.read(MAX_BYTES)
    result = ParseResult()
    types: dict[str, Type] = {}
    events: list[tuple[Event, JsonText]] = []
    for entry, document in _entries(raw, result):
        event = _read(entry, document)
        if event is None:
            result.reject(document.line(entry.at), "an entry that is no Stripe event")
        else:
            events.append((event, document))
            widen(result, event.created)
    if not events:
        raise ParseError(f"The file holds no Stripe event. {HOW}", 1)
    known: set[str] = set()
    for event, document in events:
        _count(event, document, types, result, event.id in known)
        known |= {event.id} if event.id else set()
    _finish(types, result)
    return result


def _entries(raw: bytes, result: ParseResult) -> Iterator[tuple[Member, JsonText]]:
    """Every event of a list, or of a file with one a line, and the document it stands in."""
    first = raw.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0].strip()
    if first.startswith(b'{"id"') and first.endswith(b"}"):
        result.carrier = "ndjson"
        yield from _lines(raw, result)
        return
    document = JsonText(raw)
    result.carrier, result.lines = "json", document.lines
    result.blank = blank_lines(document)
    listed = document.member(document.start, "data") if isinstance(document.value, dict) else None
    if isinstance(document.value, dict) and document.value.get("object") == "event":
        yield Member("0", document.value, document.start, document.start), document
    else:
        for entry in document.members(listed.value_at if listed else document.start):
            yield entry, document
    if isinstance(document.value, dict) and document.value.get("has_more"):
        result.notes.append("The list goes on (has_more): these are not all events.")


def _lines(raw: bytes, result: ParseResult) -> Iterator[tuple[Member, JsonText]]:
    lines = raw.split(b"\n")
    for result.lines, line in enumerate(lines[:-1] if not lines[-1] else lines, 1):
        if not line.strip():
            result.blank += 1
            continue
        try:
            document = JsonText(line, before=result.lines - 1)
        except ParseError:
            result.reject(result.lines, "a line that is no JSON")
            continue
        yield Member("0", document.value, document.start, document.start), document


def _read(entry: Member, document: JsonText) -> Event | None:
    parts = {one.key: one for one in document.members(entry.value_at)}
    wrapped = parts.get("body")  # what received it may have kept its headers too
    if wrapped and isinstance(wrapped.value, dict) and "object" not in parts:
        return _read(wrapped, document)
    facts: dict[str, Any] = entry.value if isinstance(entry.value, dict) else {}
    created, pending = facts.get("created"), facts.get("pending_webhooks")
    if facts.get("object") != "event" or not isinstance(created, int) or not isinstance(pending, int):
        return None
    try:
        moment = read_time(created)
    except ValueError:
        return None
    request = parts.get("request")
    inside = {one.key: one for one in document.members(request.value_at)} if request else {}
    called = request.value if request and isinstance(request.value, dict) else {}
    body = facts.get("data")
    about = body.get("object") if isinstance(body, dict) else None
    subject = str(about.get("id", "")) if isinstance(about, dict) else ""
    name = str(facts.get("type", "unknown"))[:120]
    caller, key = str(called.get("id") or ""), bool(called.get("idempotency_key"))
    ident = str(facts.get("id") or "")
    return Event(ident, name, moment or datetime.fromtimestamp(0, UTC), pending, caller, key, subject, parts, inside)


def _count(event: Event, document: JsonText, types: dict[str, Type], result: ParseResult, again: bool) -> None:
    """An event is old one hour before the newest of the file: nobody says when the file was made.

    One that is there `again` was delivered again; what it is about happened once. Stripe's own list holds each once.
    """
    spot = event.parts.get("type", event.parts["created"])
    name = event.type if event.type in types or len(types) < MAX_TYPES else "other"
    if name not in types:
        types[name] = Type(quote_member(document, spot, result))
    known = types[name]
    known.events += 1
    known.again += again
    if event.pending > 0:
        known.pending += 1
        known.pending_old += bool(result.last and (result.last - event.created).total_seconds() > OLD_S)
        known.pending_place = known.pending_place or quote_member(document, event.parts["pending_webhooks"], result)
    if event.caller:
        known.requested += 1
        known.without_key += not event.key
        if not event.key and "idempotency_key" in event.inside:
            known.key_place = known.key_place or quote_member(document, event.inside["idempotency_key"], result)
    if event.subject and not again:
        known.seen[(event.subject, int(event.created.timestamp()))] += 1


def _row(name: str, known: Type, window_s: float) -> Evidence:
    repeated = sum(count - 1 for count in known.seen.values())
    metrics = {"events": known.events, "pending": known.pending, "pending_old": known.pending_old}
    metrics |= {"api_events": known.requested, "without_key": known.without_key, "repeated": repeated}
    metrics |= {"again": known.again}
    places: dict[str, Place] = {}
    if known.pending_place:
        places = {"pending": known.pending_place, "pending_old": known.pending_place}
    if known.key_place:
        places["without_key"] = known.key_place
    numbers = {metric: float(value) for metric, value in metrics.items()} | {"window_s": window_s}
    return Evidence("ops.payment_event", name, numbers, known.place, places)


def _finish(types: dict[str, Type], result: ParseResult) -> None:
    window = (result.last - result.first).total_seconds() if result.first and result.last else 0.0
    result.evidence = [_row(name, known, window) for name, known in sorted(types.items())]
    names = ("events", "pending", "pending_old", "api_events", "without_key", "repeated")
    sums = {name: int(sum(row.metrics[name] for row in result.evidence)) for name in names}
    result.totals = {**sums, "types": len(types)}
    result.records = sums["events"]
    settle_lines(result)
    result.enables = ["Webhooks that were not delivered", "Calls that change money without an idempotency key"]
    result.notes.append("Pending events count as old one hour before the newest event of the file.")


PARSER = Parser(
    id="stripe-events",
    title="Stripe events",
    how_to_export=HOW,
    looks_for='JSON of events with "object": "event" and "pending_webhooks"',
    kinds=("ops.payment_event",),
    sniff=sniff,
    parse=parse,
)
